// SPDX-License-Identifier: MIT

package inspect

import (
	"bufio"
	"fmt"
	"io"

	"github.com/bpfload/bpfload/internal/plain"
	"github.com/bpfload/bpfload/loader"
	"github.com/bpfload/bpfload/spec"
)

// UsesOf returns the maps to which an object's programs refer. A program that
// cannot be linked uses none.
func UsesOf(o *loader.Object) Uses {
	byName := make(map[string]*spec.Program, len(o.Programs))
	for _, p := range o.Programs {
		if byName[p.Name] == nil {
			byName[p.Name] = p
		}
	}
	return func(program string) []string {
		p := byName[program]
		if p == nil {
			return nil
		}
		maps, err := o.Linker().Maps(p)
		if err != nil {
			return nil
		}
		var names []string
		seen := make(map[string]bool)
		for _, m := range maps {
			if !seen[m.Name] {
				seen[m.Name] = true
				names = append(names, m.Name)
			}
		}
		return names
	}
}

// WriteRelocs lists the relocations of every section, in file order.
func WriteRelocs(w io.Writer, o *loader.Object) error {
	b := bufio.NewWriter(w)
	for i := range o.ELF().NumSections() {
		rels, err := o.ELF().Rels(i)
		if err != nil {
			return err
		}
		if rels.Len() == 0 {
			continue
		}
		fmt.Fprintf(b, "\nrelocations of section %q (%d)\n", o.ELF().SectionName(i), rels.Len())
		for j := range rels.Len() {
			r := rels.At(j)
			fmt.Fprintf(b, "  %#06x  %-16s %s\n", r.Offset, r.TypeName(), plain.Line(o.ELF().Symbol(r.Symbol).Name))
		}
	}
	return b.Flush()
}

// WriteDisasm writes the linked instructions of one program, or of all where name
// is "", in the words of the verifier, with function names, source lines and what each
// reference means.
func WriteDisasm(w io.Writer, o *loader.Object, name string) error {
	b := bufio.NewWriter(w)
	err := listings(o, name, func(l *Listing) error {
		if l.Error != "" {
			fmt.Fprintf(b, "\n%s: %s\n", plain.Line(l.Program), plain.Line(l.Error))
		}
		return writeCode(b, l)
	})
	if err != nil {
		return err
	}
	return b.Flush()
}

func writeCode(b *bufio.Writer, l *Listing) error {
	functions := l.Functions
	return l.each(func(insn *Insn) error {
		if len(functions) > 0 && int(functions[0].Insn) == insn.Index {
			f := functions[0]
			fmt.Fprintf(b, "\n%s: %d instructions, section %q+%#x\n", plain.Line(f.Name), f.Insns, f.Section, f.Offset)
			functions = functions[1:]
		}
		if s := insn.Source; s != nil {
			fmt.Fprintf(b, "; %s @ %s:%d\n", plain.Line(s.Text), plain.Line(s.File), s.Line)
		}
		line := fmt.Appendf(b.AvailableBuffer(), "%6d:", insn.Index)
		for _, c := range insn.Bytes {
			const digits = "0123456789abcdef"
			line = append(line, ' ', digits[c>>4], digits[c&15])
		}
		b.Write(append(append(line, "  "...), insn.Text...))
		for _, r := range insn.Refs {
			fmt.Fprintf(b, "  ; %s %s", r.Kind, plain.Line(r.Name))
			if r.Offset != 0 {
				fmt.Fprintf(b, "+%#x", r.Offset)
			}
		}
		for _, c := range insn.CORE {
			fmt.Fprintf(b, "  ; CO-RE %s %s", plain.Line(c.Type), plain.Line(c.Access))
		}
		return b.WriteByte('\n')
	})
}
