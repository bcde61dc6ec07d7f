// SPDX-License-Identifier: MIT

package verifierlog

import "strings"

// Annotate explains a verifier log by itself, from its own source annotations. The
// log may stand inside the output of a program that uses libbpf, which marks
// where a log begins and ends; there may be several. Below each explanation stands
// the command that shows the page of its class.
func Annotate(text string) string {
	var b strings.Builder
	for i, d := range Diagnose(text) {
		if i > 0 {
			b.WriteByte('\n')
		}
		r := renderer{gutter: gutter(&d)}
		Render(&r, d) // a strings.Builder takes everything
		if d.Code != "" {
			r.remark("more", "bpfload explain "+d.Code)
		}
		b.WriteString(r.String())
	}
	return b.String()
}

// Diagnose explains each of the logs in a text, which [Annotate] writes out.
func Diagnose(text string) []Diagnosis {
	var list []Diagnosis
	for _, part := range splitOutput(text) {
		d := Explain(Parse(part.log), nil)
		d.Program = part.program
		list = append(list, d)
	}
	return list
}

// An outputPart is one log out of a program's output.
type outputPart struct {
	program string
	log     string
}

// splitOutput finds the logs that libbpf marked, or takes all of it for one log:
//
//	libbpf: prog 'NAME': -- BEGIN PROG LOAD LOG --
//	-- END PROG LOAD LOG --
//
// or, before libbpf 0.6,
//
//	libbpf: -- BEGIN DUMP LOG ---
//	libbpf: -- END LOG --
func splitOutput(text string) []outputPart {
	var parts []outputPart
	var begin, pos int
	var program string
	inside := false
	for line := range strings.Lines(text) {
		switch {
		case strings.Contains(line, "-- BEGIN PROG LOAD LOG --"), strings.Contains(line, "-- BEGIN DUMP LOG ---"):
			program, begin, inside = quotedName(line, "prog '"), pos+len(line), true
		case inside && (strings.Contains(line, "-- END PROG LOAD LOG --") || strings.Contains(line, "-- END LOG --")):
			parts = append(parts, outputPart{program, text[begin:pos]})
			inside = false
		}
		pos += len(line)
	}
	if inside {
		parts = append(parts, outputPart{program, text[begin:]})
	}
	if parts == nil {
		parts = []outputPart{{log: text}}
	}
	return parts
}

// quotedName returns what follows a mark up to the next quote.
func quotedName(line, mark string) string {
	_, rest, ok := strings.Cut(line, mark)
	if !ok {
		return ""
	}
	name, _, ok := strings.Cut(rest, "'")
	if !ok {
		return ""
	}
	return name
}
