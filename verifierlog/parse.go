// SPDX-License-Identifier: MIT

package verifierlog

import "strings"

// maxReason bounds the lines kept of what the verifier said in the end.
const maxReason = 8

// Parse reads a verifier log. It accepts any text; what is not a verifier's is
// taken for a message. Its time is linear in the length of the text and its memory
// is bounded by a constant, the text aside.
func Parse(text string) Log {
	text, _, _ = strings.Cut(text, "\x00")
	p := parser{log: Log{Text: text}}
	p.parse()
	p.log.Registers = p.state.registers()
	p.log.Report.trim()
	return p.log
}

// An edge is an instruction that a control-flow error is about. Such errors come
// before any instruction was looked at and quote lines as "13: while (a) {".
type edge struct {
	index  int
	source Source
}

type parser struct {
	log     Log
	state   state
	pending mask // registers the last instruction may have written, state not printed yet
	section section
	part    int // where in the text the section's first line begins
	begin   int // where in the text the current line begins
	end     int // and ends
	said    int // where the last line of Reason begins

	// Old kernels print the state of a parent while they look for what must be
	// precise. It is not that of the current instruction.
	backtrack bool

	// The first line of a log that was cut may be the end of an annotation, or of
	// a state. It counts where the program begins, and only in the form without a
	// file: the kernels that give the file print a state first.
	unsure bool

	watched []sighting
}

func (p *parser) parse() {
	for line := range strings.Lines(p.log.Text) {
		p.begin = p.end
		p.end += len(line)
		p.line(strings.TrimRight(line, "\r\n"))
	}
}

func (p *parser) line(line string) {
	if p.section != sectionNone && p.report(line) {
		return
	}
	// Some tools indent the log when they print it.
	line = strings.TrimLeft(line, "\t")
	switch {
	case line == "":
	case line[0] == ';':
		p.log.Source = parseSource(strings.TrimPrefix(line[1:], " "))
		p.unsure = p.begin == 0
	case strings.HasPrefix(line, "Verification failed:"):
		p.section = sectionTitle
		p.log.Report.Title = strings.TrimSpace(line[len("Verification failed:"):])
	case p.numbered(line), p.path(line), p.log.Stats.parse(line):
	case isBacktrack(line):
		p.backtrack = true
	case startsState(strings.TrimLeft(line, " ")):
		if p.backtrack {
			return
		}
		// Old kernels print it before the last instruction has had its effect, or
		// after: what that writes stays pending.
		p.state.update(strings.TrimLeft(line, " "))
		p.log.Reason = p.log.Reason[:0]
	case isRemark(line):
	default:
		p.reason(p.unglue(line))
	}
}

// unglue cuts off the totals that follow a message on its line, because the kernel
// forgot to end it.
func (p *parser) unglue(line string) string {
	if at := strings.LastIndex(line, "verification time "); at > 0 && p.log.Stats.parse(line[at:]) {
		return line[:at]
	}
	return line
}

// reason keeps a line that the verifier may have stopped with. One sentence may
// take two lines.
func (p *parser) reason(line string) {
	if n := len(p.log.Reason); n > 0 && strings.HasSuffix(p.log.Reason[n-1], ",") {
		p.log.Reason[n-1] = strings.TrimRight(p.log.Text[p.said:p.end], "\r\n")
		return
	}
	p.said = p.end - len(strings.TrimLeft(p.log.Text[p.begin:p.end], "\t"))
	if len(p.log.Reason) == maxReason {
		copy(p.log.Reason, p.log.Reason[1:])
		p.log.Reason = p.log.Reason[:maxReason-1]
	}
	p.log.Reason = append(p.log.Reason, line)
}

// numbered reads the lines that begin with the index of an instruction:
//
//	7: (79) r1 = *(u64 *)(r0 +0)
//	7: (79) r1 = *(u64 *)(r0 +0)   ; R0=map_value(...) R1=scalar()
//	7: R0=map_value(...) R10=fp0
//	7: safe
//	7: while (a) {
func (p *parser) numbered(line string) bool {
	index, rest, ok := cutIndex(line)
	if !ok {
		return false
	}
	switch {
	case isOpcode(rest):
		p.insn(index, rest)
	case startsState(rest):
		p.enter(index)
		p.state.update(rest)
		p.log.Reason = p.log.Reason[:0]
	case rest == "safe":
	case p.log.Insn == nil && rest != "" && len(p.log.edges) < maxReason:
		p.log.edges = append(p.log.edges, edge{index, parseSource(rest)})
	default:
		return false
	}
	return true
}

func (p *parser) insn(index int, text string) {
	p.flush()
	p.backtrack = false
	p.log.Reason = p.log.Reason[:0]
	if p.unsure && (index != 0 || p.log.Source.File != "") {
		p.log.Source = Source{}
	}
	p.unsure = false
	text, after, semicolon := cutInsn(text)
	if p.log.Insn == nil {
		p.log.Insn = new(Insn)
	}
	*p.log.Insn = Insn{Index: index, Text: text}
	p.pending = writes(text)
	p.watch(*p.log.Insn)
	switch {
	case after == "":
		if semicolon {
			p.flush()
		}
	case !semicolon:
		// The state of the next instruction, on the line of this one: a path that
		// was tried in between has been erased from the log.
		_, state, _ := cutIndex(after)
		p.leave()
		p.state.update(state)
	case startsState(after):
		p.flush()
		p.state.update(after)
	default:
		p.log.Source = parseSource(after)
	}
}

// enter notes that the verifier is at an instruction. Where it does not follow the
// last one, the verifier has gone back to a path that it had put aside.
func (p *parser) enter(index int) {
	p.flush()
	last := p.log.Insn
	if last == nil {
		return
	}
	next := last.Index + 1
	if strings.HasPrefix(last.Text, "(18) ") { // takes two slots
		next++
	}
	if index != next {
		p.leave()
	}
}

// leave forgets what is known of registers and source: the verifier leaves the
// path it was on, and may erase the annotations it has printed there.
func (p *parser) leave() {
	p.pending = 0
	p.state.reset()
	p.log.Source = Source{}
}

// flush forgets the registers that the last instruction wrote.
func (p *parser) flush() {
	p.state.forget(p.pending)
	p.pending = 0
}

// path reads the lines that tell of a change of path or frame.
func (p *parser) path(line string) bool {
	switch {
	case strings.HasPrefix(line, "from "):
		at, state, ok := strings.Cut(line[len("from "):], ":")
		if !ok || !strings.Contains(at, " to ") {
			return false
		}
		p.leave()
		if state = strings.TrimLeft(state, " "); startsState(state) {
			p.state.update(state)
		}
	case line == "caller:", line == "callee:", line == "returning from callee:",
		strings.HasPrefix(line, "to caller at "):
		p.state.reset()
	case strings.HasPrefix(line, "Validating "):
		// A global function is verified by itself, and what is wrong with its
		// prototype comes before its first instruction.
		p.leave()
		p.log.Insn = nil
	case strings.HasPrefix(line, "cur state:"):
		p.state.reset()
		p.state.update(strings.TrimLeft(line[len("cur state:"):], " "))
		p.pending = 0
		return true
	case strings.HasPrefix(line, "old state:"):
		return true
	default:
		return false
	}
	p.pending = 0
	p.backtrack = false
	p.log.Reason = p.log.Reason[:0]
	return true
}

// isBacktrack recognises what the verifier prints while it looks for the values
// whose exact range matters.
func isBacktrack(line string) bool {
	return strings.HasPrefix(line, "regs=") || strings.HasPrefix(line, "parent ") ||
		strings.HasPrefix(line, "last_idx ") || strings.HasPrefix(line, "mark_precise: ") ||
		strings.HasPrefix(line, "force_precise: ") || strings.HasPrefix(line, "frame ") && strings.Contains(line, ": propagating ") ||
		strings.HasPrefix(line, "propagating ")
}

// isRemark recognises lines about the program's shape that are never the reason
// for a rejection.
func isRemark(line string) bool {
	return strings.HasPrefix(line, "func#") && strings.Contains(line, " @") ||
		strings.HasPrefix(line, "Live regs before insn:") ||
		strings.HasPrefix(line, "subprog#") ||
		strings.HasPrefix(line, "SCC ") ||
		strings.HasPrefix(line, "Func#") && (strings.Contains(line, " is safe for any args") || strings.Contains(line, " is global and "))
}
