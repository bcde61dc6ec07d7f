// SPDX-License-Identifier: MIT

package inspect

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"io"
	"strings"

	"github.com/bpfload/bpfload/internal/disasm"
	"github.com/bpfload/bpfload/loader"
	"github.com/bpfload/bpfload/reloc"
)

// A Listing is the linked code of one program; in JSON, "insns" follows.
type Listing struct {
	Program   string     `json:"program"`
	Error     string     `json:"error,omitempty"` // why it cannot be linked; nothing follows then
	Functions []Function `json:"functions"`

	object *loader.Object
	code   *reloc.Code // nil with an error
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
	Bytes  Bytes  `json:"bytes"` // its first 8, as the object has them
	Text   string `json:"text"`  // in the words of the verifier
	Refs   []Ref  `json:"refs,omitempty"`
	CORE   []CORE `json:"core,omitempty"`
	Source *Line  `json:"source,omitempty"` // where a line of source begins
}

// Bytes are written in hexadecimal.
type Bytes []byte

// MarshalText writes two digits for each byte.
func (b Bytes) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, b), nil }

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

// relocations calls yield with the relocations of every section, in file order. There
// may be many more than anybody wants in memory.
func relocations(o *loader.Object, yield func(*Relocation) error) error {
	f, rel := o.ELF(), new(Relocation)
	for i := range f.NumSections() {
		rels, err := f.Rels(i)
		if err != nil {
			return err
		}
		for j := range rels.Len() {
			r := rels.At(j)
			*rel = Relocation{f.SectionName(i), r.Offset, r.TypeName(), f.Symbol(r.Symbol).Name}
			if err := yield(rel); err != nil {
				return err
			}
		}
	}
	return nil
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
		l := &Listing{Program: p.Name, Functions: []Function{}, object: o}
		code, err := o.Linker().Link(p)
		switch {
		case err == nil:
			l.code = code
			for _, part := range code.Parts {
				l.Functions = append(l.Functions, Function{part.Function, part.Section, part.Offset, part.Insn, part.Len})
			}
		case name != "":
			return err
		default:
			l.Error = err.Error()
		}
		if err := yield(l); err != nil {
			return err
		}
	}
	return nil
}

// each calls yield with every instruction, which lasts until the next.
func (l *Listing) each(yield func(*Insn) error) error {
	if l.code == nil {
		return nil
	}
	o, code := l.object, l.code
	lines, fixups, relos := code.Lines, code.Fixups, code.Relos
	insn := new(Insn)
	for i := 0; i < code.Len(); {
		at := uint32(i)
		text, n := disasm.Insn(code.Insns[8*i:], code.Big)
		*insn = Insn{Index: i, Bytes: Bytes(code.Insns[8*i:][:8]), Text: text, Refs: insn.Refs[:0], CORE: insn.CORE[:0]}
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
		if err := yield(insn); err != nil {
			return err
		}
		i += n
	}
	return nil
}

// WriteJSON writes the document with, where they are wanted, the relocations as
// "relocations" and the code as "disasm": that of all programs, or of the one named.
func (d *Document) WriteJSON(w io.Writer, o *loader.Object, relocs, code bool, program string) error {
	// Whatever fails fails before half a document is written.
	if p := o.Program(program); code && p != nil {
		if _, err := o.Linker().Link(p); err != nil {
			return err
		}
	}
	if relocs {
		if err := relocations(o, func(*Relocation) error { return nil }); err != nil {
			return err
		}
	}
	b := bufio.NewWriter(w)
	doc := jsonObject{b, ""}
	if err := doc.begin(d); err != nil {
		return err
	}
	if relocs {
		list := doc.array("relocations")
		if err := relocations(o, func(r *Relocation) error { return list.add(r) }); err != nil {
			return err
		}
		list.end()
	}
	if code {
		list := doc.array("disasm")
		err := listings(o, program, func(l *Listing) error {
			one := jsonObject{b, list.next()}
			if err := one.begin(l); err != nil {
				return err
			}
			insns := one.array("insns")
			if err := l.each(func(i *Insn) error { return insns.add(i) }); err != nil {
				return err
			}
			insns.end()
			one.end()
			return nil
		})
		if err != nil {
			return err
		}
		list.end()
	}
	doc.end()
	b.WriteByte('\n')
	return b.Flush()
}
