// SPDX-License-Identifier: MIT

package loader

import (
	"errors"
	"fmt"

	"github.com/cilium/ebpf"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/reloc"
	"github.com/bpfload/bpfload/spec"
)

// checkArenas refuses a second arena: the addresses of variables in an arena do not
// say in which, and the verifier takes programs with one only.
func (o *Object) checkArenas() error {
	var first *spec.Map
	for _, m := range o.Maps {
		switch {
		case m.Type != ebpf.Arena || m.Origin == spec.OriginArena:
		case first == nil:
			first = m
		default:
			return &elf.Error{Section: m.Place.Section, Offset: m.Place.Offset, Kind: "map", Symbol: m.Name,
				Err: elf.Unsupported("a second arena beside %q: an object can have one", first.Name)}
		}
	}
	return nil
}

// mapArena maps an arena into this process, without which no program that uses it
// can be loaded, and puts the object's initial contents at its start.
func (op *createMap) mapArena(l *load) error {
	m := &l.maps[op.index]
	if m.reused {
		return nil
	}
	length := uint64(m.attr.MaxEntries) * uint64(l.facts.PageSize())
	if length != uint64(int(length)) {
		return op.fail(l, "mapping the arena", fmt.Errorf("%s do not fit the address space", size(length)))
	}
	var image []byte
	for _, s := range l.o.Maps {
		if s.Origin == spec.OriginArena {
			image = l.o.contents(s)
		}
	}
	if uint64(len(image)) > length {
		return &Error{Class: ClassObject, Code: "arena-size", Map: op.spec.Name,
			Err: fmt.Errorf("%d bytes of variables do not fit its %d pages", len(image), m.attr.MaxEntries), Advice: "raise max_entries of the arena"}
	}
	b, err := l.k.Mmap(m.fd, m.attr.MapExtra, int(length))
	if err != nil {
		return op.fail(l, "mapping the arena", err)
	}
	l.memory = append(l.memory, b)
	copy(b, image)
	return nil
}

// resolveArena is a variable in the arena's initial contents.
func (l *load) resolveArena(f *reloc.Fixup) (reloc.Value, error) {
	for i, m := range l.o.Maps {
		if m.Type == ebpf.Arena && m.Origin != spec.OriginArena {
			if !l.maps[i].held {
				return reloc.Value{Missing: true}, nil
			}
			return reloc.Value{FD: l.maps[i].fd}, nil
		}
	}
	return reloc.Value{}, errors.New("a variable lives in an arena, and the object defines none")
}
