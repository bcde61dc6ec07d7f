// SPDX-License-Identifier: MIT

package verifierlog

// A sighting is what a log shows of one instruction, anywhere in it: an instruction
// comes from one line of source, however often the verifier passes it.
type sighting struct {
	index  int
	text   string
	source Source
}

// look finds what the log shows of some instructions. Where the last instruction
// and those of a control-flow error suffice, the log is not read again.
func (l *Log) look(indices []int) []sighting {
	list := make([]sighting, len(indices))
	again := false
	for i, index := range indices {
		s := &list[i]
		s.index = index
		if l.Insn != nil && l.Insn.Index == index {
			s.text, s.source = l.Insn.Text, l.Source
		}
		for _, e := range l.edges {
			if e.index == index {
				s.source = e.source
			}
		}
		again = again || l.Insn != nil && s.source == Source{}
	}
	if again {
		p := parser{log: Log{Text: l.Text}, watched: list}
		p.parse()
	}
	return list
}

// watch notes an instruction that is looked for.
func (p *parser) watch(insn Insn) {
	for i := range p.watched {
		s := &p.watched[i]
		if s.index != insn.Index {
			continue
		}
		s.text = insn.Text
		if s.source == (Source{}) {
			s.source = p.log.Source
		}
	}
}
