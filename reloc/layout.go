// SPDX-License-Identifier: MIT

package reloc

import (
	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/spec"
)

// A layout says which functions make up a linked program, and where each begins.
type layout struct {
	l     *Linker
	main  int32
	parts []part
	index map[int32]uint32 // where each begins, once there are more than a few
	next  uint32           // the instruction after the last part
}

// A part is a function's place in a linked program.
type part struct {
	function int32
	insn     uint32
}

// layout begins with the entry point; then comes every function that is called,
// when its first call is met, before the calls behind that one. Instructions are
// thus in the order that libbpf gives them. The exception callback, which no
// instruction names, is last.
func (l *Linker) layout(p *spec.Program) (*layout, error) {
	main, begins, ok := l.functionAt(p.Place.Index, p.Place.Offset)
	if !ok || !begins {
		return nil, &elf.Error{Section: p.Place.Section, Offset: p.Place.Offset, Kind: "program", Symbol: p.Name,
			Err: elf.Malformed("no function of the object begins here")}
	}
	y := &layout{l: l, main: main}
	if err := y.add(main); err != nil {
		l.remember(y, main)
		return nil, err
	}
	callback, err := l.exceptionCallback(main)
	if err != nil {
		return nil, err
	}
	if callback >= 0 {
		if _, ok := y.find(callback); !ok {
			if err := y.add(callback); err != nil {
				return nil, err
			}
		}
	}
	return y, nil
}

// maxFunctions is BPF_MAX_SUBPROGS: no kernel takes a program with more. It bounds
// what an object with many programs and many functions costs.
const maxFunctions = 256

// remember notes that what a program calls first is too much for any program, so that
// the next that calls it need not find out.
func (l *Linker) remember(y *layout, main int32) {
	b := l.body(main)
	if len(y.parts) < maxFunctions || b.err != nil || len(b.callees) == 0 || l.tooMany[b.callees[0]].Load() {
		return
	}
	alone := &layout{l: l, main: b.callees[0]}
	if alone.add(alone.main) != nil && len(alone.parts) == maxFunctions {
		l.tooMany[alone.main].Store(true)
	}
}

// few is how many parts are searched one by one.
const few = 8

// find returns the instruction at which function i begins.
func (y *layout) find(i int32) (insn uint32, ok bool) {
	if y.index != nil {
		insn, ok = y.index[i]
		return insn, ok
	}
	for _, p := range y.parts {
		if p.function == i {
			return p.insn, true
		}
	}
	return 0, false
}

// add appends function i and all that it reaches. The path of calls is kept here
// rather than on the stack: an object decides how long it gets.
func (y *layout) add(i int32) error {
	var path [][]int32 // of each function on the path, the callees still to be looked at
	enter := func(i int32) error {
		b := y.l.body(i)
		if b.err != nil {
			return b.err
		}
		if len(y.parts) == maxFunctions || y.l.tooMany[i].Load() {
			return y.l.fail(y.main, uint64(y.l.functions[y.main].start),
				elf.Unsupported("the program and what it calls are more than %d functions, and no kernel takes more", maxFunctions))
		}
		y.parts = append(y.parts, part{i, y.next})
		if y.index != nil {
			y.index[i] = y.next
		} else if len(y.parts) > few {
			y.index = make(map[int32]uint32)
			for _, p := range y.parts {
				y.index[p.function] = p.insn
			}
		}
		y.next += y.l.functions[i].len()
		if len(b.callees) > 0 {
			path = append(path, b.callees)
		}
		return nil
	}
	if err := enter(i); err != nil {
		return err
	}
	for len(path) > 0 {
		callees := path[len(path)-1]
		if len(callees) == 0 {
			path = path[:len(path)-1]
			continue
		}
		path[len(path)-1] = callees[1:]
		if _, ok := y.find(callees[0]); ok {
			continue
		}
		if err := enter(callees[0]); err != nil {
			return err
		}
	}
	return nil
}

// exceptionCallback returns the function that a tag of the entry point names as
// the one that bpf_throw calls, -1 for none. The kernel wants it to be global.
func (l *Linker) exceptionCallback(main int32) (int32, error) {
	names := l.tagsOf(main, exceptionTag)
	if len(names) != 1 {
		return -1, nil // the kernel refuses more than one
	}
	l.textOnce.Do(l.findText)
	i, ok := l.text[names[0]]
	if !ok {
		return -1, l.fail(main, uint64(l.functions[main].start),
			elf.Malformed("the exception callback %q is not among the functions of .text", names[0]))
	}
	if fn := &l.functions[i]; fn.local || l.f.Symbol(int(fn.symbol)).Hidden() {
		return -1, l.fail(main, uint64(l.functions[main].start),
			elf.Unsupported("the exception callback %q must be a global function that is not hidden", names[0]))
	}
	return i, nil
}

// findText indexes the functions of .text by name.
func (l *Linker) findText() {
	l.text = make(map[string]int32)
	for i := range l.functions {
		fn := &l.functions[i]
		if !l.sections[fn.section].text {
			continue
		}
		name := l.name(int32(i))
		if other, ok := l.text[name]; !ok || l.functions[other].local {
			l.text[name] = int32(i)
		}
	}
}
