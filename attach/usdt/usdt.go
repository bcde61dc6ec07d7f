// SPDX-License-Identifier: MIT

// Package usdt finds the static probes of user programs (USDT, the markers of
// <sys/sdt.h>) and describes their arguments in the form that programs made with
// libbpf's usdt.bpf.h read.
//
// A marker is a nop in the code and a note in the section .note.stapsdt: where the nop
// is, where the counter is that says somebody listens (its semaphore), and where the
// compiler keeps each argument there. [Find] reads the notes, [ParseArgs] the
// arguments, and [Spec.Encode] writes an element of the map [SpecMap], whose index the
// program gets as the cookie of its probe.
//
// It reads files and never touches the kernel.
package usdt

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// SpecMap is the name of the map that usdt.bpf.h looks arguments up in.
const SpecMap = "__bpf_usdt_specs"

var (
	// ErrNoProbes says that a file has no notes of static probes.
	ErrNoProbes = errors.New("the file has no static probes (no section " + noteSection + ")")
	// ErrNotFound says that none of its probes has the name.
	ErrNotFound = errors.New("no such static probe")
	// ErrMalformed says that notes, or the words that describe an argument,
	// cannot be understood.
	ErrMalformed = errors.New("malformed")
)

const (
	noteSection = ".note.stapsdt"
	baseSection = ".stapsdt.base" // what prelink moves, so that notes can be told by how much
	noteType    = 3
)

// A Probe is one place of a marker; inlined functions and macros make several of one
// name.
type Probe struct {
	Provider, Name string
	Offset         uint64 // of the nop in the file
	Semaphore      uint64 // of its counter in the file, 0 if it has none
	Args           string // such as "-4@%edi 8@-16(%rbp)"
}

// Find lists the places of the probe PROVIDER:NAME, in the order of their notes, and
// the machine that the file is for. With neither a provider nor a name it lists all.
func Find(r io.ReaderAt, provider, name string) ([]Probe, elf.Machine, error) {
	f, err := elf.NewFile(r)
	if err != nil {
		return nil, 0, err
	}
	notes := f.Section(noteSection)
	if notes == nil || notes.Type != elf.SHT_NOTE {
		return nil, f.Machine, ErrNoProbes
	}
	data, err := notes.Data()
	if err != nil {
		return nil, f.Machine, err
	}
	var base uint64
	if s := f.Section(baseSection); s != nil {
		base = s.Addr
	}
	var list []Probe
	for at := 0; at < len(data); {
		n, size, err := readNote(data[at:], f.ByteOrder, f.Class == elf.ELFCLASS64)
		if err != nil {
			return nil, f.Machine, fmt.Errorf("section %s+%#x: %w", noteSection, at, err)
		}
		if n != nil && (provider == "" && name == "" || n.provider == provider && n.name == name) {
			p, err := n.probe(f, base)
			if err != nil {
				return nil, f.Machine, fmt.Errorf("section %s+%#x (probe %s:%s): %w", noteSection, at, n.provider, n.name, err)
			}
			list = append(list, p)
		}
		at += size
	}
	if len(list) == 0 && (provider != "" || name != "") {
		return nil, f.Machine, ErrNotFound
	}
	return list, f.Machine, nil
}

// A note is what the section says of one marker.
type note struct {
	pc, base, semaphore  uint64 // addresses
	provider, name, args string
}

// readNote reads the first note of data, and says how long it is with what pads it. The
// note is nil if it is of another kind.
func readNote(data []byte, order binary.ByteOrder, wide bool) (*note, int, error) {
	if len(data) < 12 {
		return nil, 0, fmt.Errorf("%w: %d bytes are left, a note begins with 12", ErrMalformed, len(data))
	}
	owner, desc, typ := uint64(order.Uint32(data)), uint64(order.Uint32(data[4:])), order.Uint32(data[8:])
	from := 12 + pad(owner)
	end := from + pad(desc)
	if from+desc > uint64(len(data)) {
		return nil, 0, fmt.Errorf("%w: a note of %d bytes, of which %d are there", ErrMalformed, from+desc, len(data))
	}
	size := int(min(end, uint64(len(data)))) // the last may lack its padding
	if typ != noteType || string(data[12:12+owner]) != "stapsdt\x00" {
		return nil, size, nil
	}
	body := data[from : from+desc]
	word := 4
	if wide {
		word = 8
	}
	if len(body) < 3*word {
		return nil, 0, fmt.Errorf("%w: no room for three addresses in %d bytes", ErrMalformed, len(body))
	}
	n := &note{}
	for i, to := range []*uint64{&n.pc, &n.base, &n.semaphore} {
		if wide {
			*to = order.Uint64(body[i*word:])
		} else {
			*to = uint64(order.Uint32(body[i*word:]))
		}
	}
	rest := body[3*word:]
	for _, to := range []*string{&n.provider, &n.name, &n.args} {
		text, after, ended := bytes.Cut(rest, []byte{0})
		if !ended {
			return nil, 0, fmt.Errorf("%w: a text that does not end", ErrMalformed)
		}
		*to, rest = string(text), after
	}
	return n, size, nil
}

func pad(n uint64) uint64 { return (n + 3) &^ 3 }

// probe turns the addresses of a note into places of the file.
func (n *note) probe(f *elf.File, base uint64) (Probe, error) {
	p := Probe{Provider: n.provider, Name: n.name, Args: n.args}
	pc := n.pc
	if base != 0 && n.base != 0 {
		pc += base - n.base
	}
	code := segment(f, pc)
	if code == nil || code.Flags&elf.PF_X == 0 {
		return Probe{}, fmt.Errorf("%w: address %#x is in no segment with code", ErrMalformed, pc)
	}
	p.Offset = pc - code.Vaddr + code.Off
	if n.semaphore == 0 {
		return p, nil
	}
	data := segment(f, n.semaphore)
	if data == nil || data.Flags&elf.PF_X != 0 {
		return Probe{}, fmt.Errorf("%w: its semaphore, at address %#x, is in no segment with data", ErrMalformed, n.semaphore)
	}
	p.Semaphore = n.semaphore - data.Vaddr + data.Off
	return p, nil
}

// segment returns the loaded segment that an address is in.
func segment(f *elf.File, address uint64) *elf.Prog {
	for _, s := range f.Progs {
		if s.Type == elf.PT_LOAD && address >= s.Vaddr && address-s.Vaddr < s.Memsz {
			return s
		}
	}
	return nil
}
