// SPDX-License-Identifier: MIT

package loader

import (
	"github.com/bpfload/bpfload/btfmaps"
	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/globals"
	"github.com/bpfload/bpfload/internal/value"
	"github.com/bpfload/bpfload/legacy"
	"github.com/bpfload/bpfload/rawbtf"
	"github.com/bpfload/bpfload/reloc"
	"github.com/bpfload/bpfload/spec"
	"github.com/bpfload/bpfload/structops"
)

// An Object is an opened file: plain data, to be looked at and edited before
// [Object.Load]. Maps and programs are in file order: definitions, then data
// sections, then the map of configuration values, then struct_ops. The maps may be
// edited, but not added to or removed: NoCreate leaves one out.
//
// An Object may be loaded several times, and from several goroutines as long as
// nobody edits it meanwhile.
type Object struct {
	Name string // for names in the kernel: the base name of the file
	File string // as given to OpenFile, or ""

	Maps      []*spec.Map
	Programs  []*spec.Program
	Variables []spec.Variable

	License       string
	KernelVersion uint32 // of the version section; 0 for none, or for the running kernel's
	Warnings      []spec.Warning

	file    *elf.File
	types   *rawbtf.Spec // nil without BTF
	ext     *rawbtf.Ext  // nil without .BTF.ext
	maps    []*spec.Map  // as the linker knows them
	defs    []btfmaps.Definition
	kconfig []globals.KconfigVar
	ops     []*structops.Ops
	linker  *reloc.Linker
	pinIDs  []legacy.PinID
	gates   spec.Gates // of an Android object as a whole
	data    []byte

	programDefs map[string]*legacy.ProgramDef // of an Android object, by function
	values      map[*spec.Map][]byte          // contents that Variable.Set changed, owned
}

// ELF returns the file that the object was read from.
func (o *Object) ELF() *elf.File { return o.file }

// BTF returns the object's BTF, nil if it has none.
func (o *Object) BTF() *rawbtf.Spec { return o.types }

// Linker returns what links the object's programs.
func (o *Object) Linker() *reloc.Linker { return o.linker }

// Map returns the first map of that name, nil if there is none. Names of data maps
// are those of their sections, such as ".rodata".
func (o *Object) Map(name string) *spec.Map {
	for _, m := range o.Maps {
		if m.Name == name {
			return m
		}
	}
	return nil
}

// Program returns the first program of that name, nil if there is none.
func (o *Object) Program(name string) *spec.Program {
	for _, p := range o.Programs {
		if p.Name == name {
			return p
		}
	}
	return nil
}

// InsnCount returns how many 8-byte instructions a program has when linked with
// the functions it calls.
func (o *Object) InsnCount(p *spec.Program) (int, error) { return o.linker.InsnCount(p) }

// TypeName returns a type of the object's BTF as C would write it; "" for 0.
func (o *Object) TypeName(id rawbtf.ID) string {
	if id == 0 || o.types == nil {
		return ""
	}
	return value.TypeName(o.types, id)
}

// TailCallMap returns the name of the prog array that a tail call refers to, "" if
// the object has no such map.
func (o *Object) TailCallMap(t *spec.TailCall) string {
	if m := o.tailCallMap(t); m != nil {
		return m.Name
	}
	return ""
}
