// SPDX-License-Identifier: MIT

// Package reloc finds the programs of an object and links each with the functions
// that it reaches.
//
// [New] looks at sections and symbols only. [Linker.Link] copies the instructions
// of a program and of its callees, in the order in which libbpf appends them, and
// turns relocations into [Fixup] values: what a loader must fill in once it has
// created maps and asked the kernel for symbols, with [Code.Finish].
// [Linker.ResolveSlots] finds the maps and programs that a map definition is
// initialised with.
//
// Symbols decide where functions begin; .BTF.ext is matched by offset within the
// section; the type of a relocation is not looked at, since compilers and linkers
// disagree on it: the instruction and the symbol say what is meant. A fault within
// a program is an error when that program is linked, not before. The package never
// touches the kernel.
package reloc

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/rawbtf"
	"github.com/bpfload/bpfload/secdef"
	"github.com/bpfload/bpfload/spec"
)

// Options say what section names mean.
type Options struct {
	// Sections overrides the meaning of sections, by name without a leading "?".
	// With an entry for ".text", the functions there that nothing calls are
	// programs.
	Sections map[string]secdef.Def
	// Conventions are tried first where libbpf does not know a section: those of
	// the loader that the object was written for. All others follow.
	Conventions []secdef.Convention
	// Immediates says that the address of a variable in .data or .bss stands
	// for the variable's value: see legacy.Immediates.
	Immediates bool
}

// A Linker holds the functions and programs of an object. Its methods may be
// called from several goroutines.
type Linker struct {
	f     *elf.File
	types *rawbtf.Spec // nil without BTF
	ext   *rawbtf.Ext
	maps  []*spec.Map
	opts  Options

	sections  []codeSection // in file order
	bySection []int32       // index in sections of an ELF section, -1 for none
	functions []function    // in file order
	programs  []program     // in file order
	warnings  []spec.Warning
	tags      []tag

	mapsOnce sync.Once
	mapsAt   []mapAt
	kconfig  int // index in maps, -1 for none

	externsOnce sync.Once
	externs     []Extern
	externSyms  []int32 // symbol of each extern

	extOnce sync.Once

	bodiesOnce sync.Once
	bodies     []atomic.Pointer[body] // of each function, once it was read
	tooMany    []atomic.Bool          // functions that reach more than maxFunctions

	textOnce sync.Once
	text     map[string]int32 // functions of .text by name, global ones first
}

// A program is an entry point.
type program struct {
	spec     spec.Program
	function int32
	symbol   int32 // 0: named after its section
}

// New finds the programs of an object. Types and ext may be nil. The maps are all
// those that instructions may refer to: definitions, data sections and the map of
// configuration values. The error is an *[elf.Error].
func New(f *elf.File, types *rawbtf.Spec, ext *rawbtf.Ext, maps []*spec.Map, opts Options) (*Linker, error) {
	l := &Linker{f: f, types: types, ext: ext, maps: maps, opts: opts, kconfig: -1}
	if types == nil || ext == nil {
		l.ext = &rawbtf.Ext{}
	}
	if err := l.checkSections(); err != nil {
		return nil, err
	}
	l.findTags()
	if err := l.findFunctions(); err != nil {
		return nil, err
	}
	if err := l.findPrograms(); err != nil {
		return nil, err
	}
	return l, nil
}

// Programs returns the programs in file order: by section, then by offset. The
// programs may be edited; Link goes by Place alone, so that copies do as well.
func (l *Linker) Programs() []*spec.Program {
	list := make([]*spec.Program, len(l.programs))
	for i := range l.programs {
		list[i] = &l.programs[i].spec
	}
	return list
}

// Warnings returns what New has to remark.
func (l *Linker) Warnings() []spec.Warning { return slices.Clone(l.warnings) }

// checkSections refuses an override for a section that the object does not have.
func (l *Linker) checkSections() error {
	if len(l.opts.Sections) == 0 {
		return nil
	}
	missing := make([]string, 0, len(l.opts.Sections))
	for name := range l.opts.Sections {
		missing = append(missing, name)
	}
	slices.Sort(missing)
	var code []string
	for i := 1; i < l.f.NumSections(); i++ {
		s := l.f.Section(i)
		if !s.Code() || s.Size == 0 {
			continue
		}
		code = append(code, strings.TrimPrefix(s.Name, "?"))
		missing = slices.DeleteFunc(missing, func(name string) bool { return name == code[len(code)-1] })
	}
	if len(missing) == 0 {
		return nil
	}
	return &elf.Error{Section: missing[0], Err: elf.Unsupported("no section of that name holds code, so that it can be given no type; there are %s", quoted(code))}
}
