// SPDX-License-Identifier: MIT

package loader

import (
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"github.com/cilium/ebpf"

	"github.com/bpfload/bpfload/legacy"
	"github.com/bpfload/bpfload/reloc"
	"github.com/bpfload/bpfload/secdef"
	"github.com/bpfload/bpfload/spec"
)

// readLegacy adds the records of maps sections to the definitions of .maps, in the
// order of the sections.
func (o *Object) readLegacy(opts *Options) error {
	maps, warnings, err := legacy.Decode(o.file, o.types, legacy.Options{Dialect: opts.Dialect})
	if err != nil {
		return err
	}
	o.Warnings = append(o.Warnings, warnings...)
	if len(maps) > 0 {
		o.Maps = append(o.Maps, maps...)
		slices.SortStableFunc(o.Maps, func(a, b *spec.Map) int { return a.Place.Index - b.Place.Index })
	}
	warnings, err = legacy.Pair(o.file, o.Maps)
	if err != nil {
		return err
	}
	o.Warnings = append(o.Warnings, warnings...)
	if err := o.readConditions(); err != nil {
		return err
	}
	if len(opts.PinIDs) > 0 {
		if o.pinIDs, err = legacy.ParsePinIDs(opts.PinIDs); err != nil {
			return usage("%w", err)
		}
	}
	return nil
}

// conventions are what section names may mean beside libbpf's table.
func (o *Object) conventions() []secdef.Convention { return legacy.Conventions(o.Maps) }

// inlineParameters leaves out the data sections of an object whose code holds the
// values of variables instead of their addresses, and says whether it is one.
func (o *Object) inlineParameters() bool {
	if !legacy.Immediates(o.Maps) {
		return false
	}
	for _, m := range o.Maps {
		if m.Origin == spec.OriginData && !m.Frozen {
			m.NoCreate = true
		}
	}
	return true
}

// immediate is the number that stands for a variable in code: an int, of which the
// instruction's upper half knows nothing.
func (o *Object) immediate(f *reloc.Fixup) reloc.Value {
	var n uint32
	if b := o.contents(f.Map); uint64(len(b)) >= f.Offset+4 {
		n = o.file.ByteOrder().Uint32(b[f.Offset:])
	}
	return reloc.Value{Addr: uint64(n)}
}

// readTailCalls puts programs into the slots that the names of their sections ask
// for in the dialect of the object's maps.
func (o *Object) readTailCalls() {
	if !slices.ContainsFunc(o.Maps, func(m *spec.Map) bool { return m.Legacy != nil }) {
		return
	}
	for _, p := range o.Programs {
		if p.TailCall != nil {
			continue
		}
		call, err := legacy.TailCall(p.Section, o.Maps)
		if err != nil {
			message := err.Error()
			if p.Type == ebpf.UnspecifiedProgram {
				p.Autoload = false
				message += "; the program is not loaded"
			}
			o.Warnings = append(o.Warnings, spec.Warning{Code: "tail-call-slot", Section: p.Place.Section, Offset: p.Place.Offset, Symbol: p.Name, Message: message})
			continue
		}
		p.TailCall = call
	}
	reloc.SettleTailCalls(o.Programs, o.users)
}

// users returns the programs of known type whose code refers to a map.
func (o *Object) users(name string) []*spec.Program {
	var list []*spec.Program
	for _, p := range o.Programs {
		if p.Type == ebpf.UnspecifiedProgram {
			continue
		}
		code, err := o.linker.Link(p)
		if err == nil && slices.ContainsFunc(code.Fixups, func(f reloc.Fixup) bool { return f.Map != nil && f.Map.Name == name }) {
			list = append(list, p)
		}
	}
	return list
}

// legacyPinPath is where a record of a maps section wants its map to be pinned, ""
// for nowhere.
func (b *planner) legacyPinPath(m *spec.Map) (string, error) {
	roots := legacy.Roots{BPFFS: b.opts.BPFFS, PinIDs: b.o.pinIDs, Object: b.o.Name}
	p, err := legacy.PinPath(m, roots)
	if errors.Is(err, legacy.ErrNeedsObject) {
		sum := sha1.Sum(b.o.data)
		roots.ObjectSHA1 = hex.EncodeToString(sum[:])
		p, err = legacy.PinPath(m, roots)
	}
	switch {
	case err == nil:
		return p, nil
	case errors.Is(err, legacy.ErrUnknownPinID):
		b.plan.Warnings = append(b.plan.Warnings, spec.Warning{Code: "pin-id-unknown", Section: m.Place.Section, Offset: m.Place.Offset, Symbol: m.Name,
			Message: err.Error() + "; the map is not pinned, as iproute2 has it"})
		return "", nil
	}
	return "", &Error{Class: ClassUsage, Code: "pin-path", Map: m.Name, Err: err,
		Advice: fmt.Sprintf("give the pin with --map %s=PATH", m.Name)}
}

// tailCallMap returns the prog array that a tail call refers to: by the id of its
// record, by its name, or the last of the object.
func (o *Object) tailCallMap(t *spec.TailCall) *spec.Map {
	var last *spec.Map
	for _, m := range o.Maps {
		switch {
		case t.Map != "":
			if m.Name == t.Map {
				return m
			}
		case m.Type != ebpf.ProgramArray:
		case t.MapID != 0:
			if m.Legacy != nil && m.Legacy.ID == t.MapID {
				return m
			}
		default:
			last = m
		}
	}
	return last
}
