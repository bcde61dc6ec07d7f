// SPDX-License-Identifier: MIT

package inspect

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"io"
	"strings"

	"github.com/bpfload/bpfload/internal/disasm"
	"github.com/bpfload/bpfload/internal/plain"
	"github.com/bpfload/bpfload/loader"
	"github.com/bpfload/bpfload/reloc"
)

// A Listing is the linked code of one program.
type Listing struct {
	Program   string     `json:"program"`
	Error     string     `json:"error,omitempty"` // why it cannot be linked; nothing follows then
	Functions []Function `json:"functions"`
	Insns     []Insn     `json:"insns"`
}

// A Function is a part of a linked program.
type Function struct {
	Name    string `json:"name"`
	Section string `json:"section"`
	Offset  uint64 `json:"offset"` // in the section, in bytes
	Insn    uint32 `json:"insn"`   // where it begins in the program
	Insns   uint32 `json:"insns"`  // how long it is, in 8-byte slots
}

// An Insn is one instruction. A 64-bit load takes two slots and is one Insn.
type Insn struct {
	Index  int    `json:"index"`
	Bytes  string `json:"bytes"` // its first 8, as the object has them, in hexadecimal
	Text   string `json:"text"`  // in the words of the verifier
	Refs   []Ref  `json:"refs,omitempty"`
	CORE   []CORE `json:"core,omitempty"`
	Source *Line  `json:"source,omitempty"` // where a line of source begins
}

// A Ref is what an instruction refers to.
type Ref struct {
	Kind   string `json:"kind"` // such as "map" or "kfunc"
	Name   string `json:"name"`
	Offset uint64 `json:"offset,omitempty"`
}

// CORE is a relocation that depends on the kernel's types.
type CORE struct {
	Type   string `json:"type"`
	Access string `json:"access"`
}

// A Line is a line of source.
type Line struct {
	File string `json:"file"`
	Line uint32 `json:"line"`
	Text string `json:"text"`
}

// A Relocation is one entry of a relocation section.
type Relocation struct {
	Section string `json:"section"` // that it is for
	Offset  uint64 `json:"offset"`
	Type    string `json:"type"`
	Symbol  string `json:"symbol"`
}

// Relocations returns the relocations of every section, in file order.
func Relocations(o *loader.Object) ([]Relocation, error) {
	f, list := o.ELF(), []Relocation{}
	for i := range f.NumSections() {
		rels, err := f.Rels(i)
		if err != nil {
			return nil, err
		}
		for j := range rels.Len() {
			r := rels.At(j)
			list = append(list, Relocation{f.SectionName(i), r.Offset, r.TypeName(), f.Symbol(r.Symbol).Name})
		}
	}
	return list, nil
}

// listings calls yield with the code of one program, or of all where name is "". One
// program is held at a time: together they may be far larger than the object.
func listings(o *loader.Object, name string, yield func(*Listing) error) error {
	if name != "" && o.Program(name) == nil {
		return fmt.Errorf("the object has no program %q", name)
	}
	for _, p := range o.Programs {
		if name != "" && p.Name != name {
			continue
		}
		l := &Listing{Program: p.Name, Functions: []Function{}, Insns: []Insn{}}
		if code, err := o.Linker().Link(p); err == nil {
			l.fill(o, code)
		} else if name != "" {
			return err
		} else {
			l.Error = err.Error()
		}
		if err := yield(l); err != nil {
			return err
		}
	}
	return nil
}

func (l *Listing) fill(o *loader.Object, code *reloc.Code) {
	for _, p := range code.Parts {
		l.Functions = append(l.Functions, Function{p.Function, p.Section, p.Offset, p.Insn, p.Len})
	}
	lines, fixups, relos := code.Lines, code.Fixups, code.Relos
	for i := 0; i < code.Len(); {
		at := uint32(i)
		text, n := disasm.Insn(code.Insns[8*i:], code.Big)
		insn := Insn{Index: i, Bytes: hex.EncodeToString(code.Insns[8*i : 8*i+8]), Text: text}
		for ; len(lines) > 0 && lines[0].Insn <= at; lines = lines[1:] {
			if text := o.BTF().Name(lines[0].Text); lines[0].Insn == at && text != "" {
				insn.Source = &Line{o.BTF().Name(lines[0].File), lines[0].LineCol >> 10, strings.TrimSpace(text)}
			}
		}
		for ; len(fixups) > 0 && fixups[0].Insn <= at; fixups = fixups[1:] {
			f := fixups[0]
			target := f.Name
			if f.Map != nil {
				target = f.Map.Name
			}
			insn.Refs = append(insn.Refs, Ref{f.Kind.String(), target, f.Offset})
		}
		for ; len(relos) > 0 && relos[0].Insn <= at; relos = relos[1:] {
			insn.CORE = append(insn.CORE, CORE{o.TypeName(relos[0].Type), relos[0].Access})
		}
		l.Insns = append(l.Insns, insn)
		i += n
	}
}

// WriteJSON writes the document with, where they are wanted, the relocations as
// "relocations" and the code as "disasm": that of all programs, or of the one named.
func (d *Document) WriteJSON(w io.Writer, o *loader.Object, relocs, code bool, program string) error {
	doc := struct {
		*Document
		Relocations *[]Relocation `json:"relocations,omitempty"`
	}{Document: d}
	if relocs {
		list, err := Relocations(o)
		if err != nil {
			return err
		}
		doc.Relocations = &list
	}
	text, err := plain.Marshal(doc, "")
	if err != nil {
		return err
	}
	if !code {
		_, err = w.Write(append(text, '\n'))
		return err
	}
	if _, err := fmt.Fprintf(w, "%s,\n  \"disasm\": [", bytes.TrimSuffix(text, []byte("\n}"))); err != nil {
		return err
	}
	before := "\n    "
	err = listings(o, program, func(l *Listing) error {
		text, err := plain.Marshal(l, "    ")
		if err == nil {
			_, err = fmt.Fprintf(w, "%s%s", before, text)
		}
		before = ",\n    "
		return err
	})
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, "\n  ]\n}\n")
	return err
}
