// SPDX-License-Identifier: MIT

package inspect

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/bpfload/bpfload/internal/disasm"
	"github.com/bpfload/bpfload/internal/plain"
	"github.com/bpfload/bpfload/loader"
	"github.com/bpfload/bpfload/reloc"
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
	f := o.ELF()
	for i := range f.NumSections() {
		rels, err := f.Rels(i)
		if err != nil {
			return err
		}
		if rels.Len() == 0 {
			continue
		}
		fmt.Fprintf(b, "\nrelocations of section %q (%d)\n", f.SectionName(i), rels.Len())
		for j := range rels.Len() {
			r := rels.At(j)
			s := f.Symbol(r.Symbol)
			fmt.Fprintf(b, "  %#06x  %-16s %s\n", r.Offset, r.TypeName(), plain.Line(s.Name))
		}
	}
	return b.Flush()
}

// WriteDisasm writes the linked instructions of one program, or of all where name
// is "", in the words of the verifier, with function names, source lines and what each
// reference means.
func WriteDisasm(w io.Writer, o *loader.Object, name string) error {
	b := bufio.NewWriter(w)
	if name != "" && o.Program(name) == nil {
		return fmt.Errorf("the object has no program %q", name)
	}
	for _, p := range o.Programs {
		if name != "" && p.Name != name {
			continue
		}
		code, err := o.Linker().Link(p)
		if err != nil {
			if name != "" {
				return err
			}
			fmt.Fprintf(b, "\n%s: %s\n", plain.Line(p.Name), plain.Line(err.Error()))
			continue
		}
		writeCode(b, o, code)
	}
	return b.Flush()
}

func writeCode(b *bufio.Writer, o *loader.Object, code *reloc.Code) {
	parts, lines, fixups, relos := code.Parts, code.Lines, code.Fixups, code.Relos
	for i := 0; i < code.Len(); {
		at := uint32(i)
		if len(parts) > 0 && parts[0].Insn == at {
			fmt.Fprintf(b, "\n%s: %d instructions, section %q+%#x\n", plain.Line(parts[0].Function), parts[0].Len, parts[0].Section, parts[0].Offset)
			parts = parts[1:]
		}
		for len(lines) > 0 && lines[0].Insn <= at {
			if text := o.Types().Name(lines[0].Text); lines[0].Insn == at && text != "" {
				fmt.Fprintf(b, "; %s @ %s:%d\n", plain.Line(strings.TrimSpace(text)), plain.Line(o.Types().Name(lines[0].File)), lines[0].LineCol>>10)
			}
			lines = lines[1:]
		}
		text, n := disasm.Insn(code.Insns[8*i:], code.Big)
		fmt.Fprintf(b, "%6d: % x  %s", i, code.Insns[8*i:8*i+8], text)
		for len(fixups) > 0 && fixups[0].Insn <= at {
			f := fixups[0]
			target := f.Name
			if f.Map != nil {
				target = f.Map.Name
			}
			fmt.Fprintf(b, "  ; %s %s", f.Kind, plain.Line(target))
			if f.Offset != 0 {
				fmt.Fprintf(b, "+%#x", f.Offset)
			}
			fixups = fixups[1:]
		}
		for len(relos) > 0 && relos[0].Insn <= at {
			fmt.Fprintf(b, "  ; CO-RE %s %s", plain.Line(o.TypeName(relos[0].Type)), plain.Line(relos[0].Access))
			relos = relos[1:]
		}
		b.WriteByte('\n')
		i += n
	}
}
