// SPDX-License-Identifier: MIT

package loader

import (
	"errors"
	"fmt"

	"github.com/cilium/ebpf"

	"github.com/bpfload/bpfload/internal/sys"
	"github.com/bpfload/bpfload/spec"
)

// Loaded is what a load created. It owns the descriptors until [Loaded.Close];
// what is pinned stays. Its methods and those of its maps and programs may not be
// called from several goroutines at once.
type Loaded struct {
	// Maps and Programs are those that exist now, in the order of the object's.
	Maps     []*LoadedMap
	Programs []*LoadedProgram
	// Links are those that attach them, if the load attached something.
	Links []LoadedLink
	// Warnings are what the load has to remark, beside the object's own.
	Warnings []spec.Warning

	k      sys.Kernel
	memory [][]byte
}

// A LoadedMap is a map of a loaded object.
type LoadedMap struct {
	Spec   *spec.Map
	Pin    string // where the set of pins has it, "" for nowhere
	Reused bool   // existed before the load

	handle
	m *ebpf.Map
}

// A LoadedProgram is a program of a loaded object.
type LoadedProgram struct {
	Spec     *spec.Program
	Pin      string // where the set of pins has it, "" for nowhere
	Attached bool   // by links that were taken over from the set that was replaced

	handle
	p *ebpf.Program
}

// A LoadedLink is a link of a loaded object.
type LoadedLink struct {
	Link
	Pin string // "" for nowhere: it ends with the process
}

// handle is a descriptor that may have been handed on.
type handle struct {
	k     sys.Kernel
	fd    int
	owned bool
}

// FD returns the descriptor. It stays open until Loaded.Close.
func (h *handle) FD() int { return h.fd }

// Map returns the map as github.com/cilium/ebpf knows it, which reads and writes
// it. It belongs to the Loaded and must be cloned to outlive it.
func (m *LoadedMap) Map() (*ebpf.Map, error) {
	if m.m == nil {
		fd, err := dup(m.fd)
		if err != nil {
			return nil, err
		}
		if m.m, err = ebpf.NewMapFromFD(fd); err != nil {
			return nil, err
		}
	}
	return m.m, nil
}

// Program returns the program as github.com/cilium/ebpf knows it, for use with its
// link package. It belongs to the Loaded and must be cloned to outlive it.
func (p *LoadedProgram) Program() (*ebpf.Program, error) {
	if p.p == nil {
		fd, err := dup(p.fd)
		if err != nil {
			return nil, err
		}
		if p.p, err = ebpf.NewProgramFromFD(fd); err != nil {
			return nil, err
		}
	}
	return p.p, nil
}

// ID returns the number by which the kernel knows the map.
func (m *LoadedMap) ID() (uint32, error) {
	var info sys.MapInfo
	err := sys.Info(m.k, m.fd, &info)
	return info.ID, err
}

// ID returns the number by which the kernel knows the program.
func (p *LoadedProgram) ID() (uint32, error) {
	var info sys.ProgInfo
	err := sys.Info(p.k, p.fd, &info)
	return info.ID, err
}

// Map returns a map by name.
func (l *Loaded) Map(name string) (*ebpf.Map, error) {
	for _, m := range l.Maps {
		if m.Spec.Name == name {
			return m.Map()
		}
	}
	return nil, fmt.Errorf("no map %q was loaded", name)
}

// Program returns a program by name.
func (l *Loaded) Program(name string) (*ebpf.Program, error) {
	for _, p := range l.Programs {
		if p.Spec.Name == name {
			return p.Program()
		}
	}
	return nil, fmt.Errorf("no program %q was loaded", name)
}

// Close closes all descriptors. Programs and maps that are neither pinned nor
// attached nor referred to by others go away.
func (l *Loaded) Close() error {
	var errs []error
	for _, link := range l.Links {
		errs = append(errs, link.Close())
	}
	l.Links = nil
	for _, p := range l.Programs {
		if p.p != nil {
			errs = append(errs, p.p.Close())
			p.p = nil
		}
		errs = append(errs, p.close())
	}
	for _, m := range l.Maps {
		if m.m != nil {
			errs = append(errs, m.m.Close())
			m.m = nil
		}
		errs = append(errs, m.close())
	}
	for _, b := range l.memory {
		errs = append(errs, l.k.Munmap(b))
	}
	l.memory = nil
	return errors.Join(errs...)
}

func (h *handle) close() error {
	if !h.owned {
		return nil
	}
	h.owned = false
	return h.k.Close(h.fd)
}

// loaded hands the descriptors of a successful load on.
func (l *load) loaded() *Loaded {
	out := &Loaded{k: l.k, memory: l.memory, Warnings: l.warnings}
	for i, m := range l.maps {
		if m.held {
			out.Maps = append(out.Maps, &LoadedMap{Spec: l.o.Maps[i], Pin: m.pin, Reused: m.reused, handle: handle{l.k, m.fd, !m.borrowed}})
		}
	}
	for i, p := range l.programs {
		if p.held {
			out.Programs = append(out.Programs, &LoadedProgram{Spec: l.o.Programs[i], Pin: p.pin, Attached: p.attached, handle: handle{l.k, p.fd, true}})
		}
	}
	for _, h := range l.links {
		out.Links = append(out.Links, LoadedLink{h.Link, h.pin})
	}
	return out
}

// borrow leaves the descriptors to the load, so that Close gives back only what the
// borrower made of them, once Links is empty.
func (l *Loaded) borrow() *Loaded {
	for _, m := range l.Maps {
		m.owned = false
	}
	for _, p := range l.Programs {
		p.owned = false
	}
	l.memory = nil
	return l
}
