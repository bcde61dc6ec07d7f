// SPDX-License-Identifier: MIT

package reloc

import (
	"errors"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/rawbtf"
	"github.com/bpfload/bpfload/spec"
)

// A FixupKind says what an instruction refers to.
type FixupKind uint8

// The kinds of fixups. All but KfuncCall are 64-bit loads.
const (
	MapFD        FixupKind = iota // a map
	MapValue                      // a global variable: a place in the value of a data map, or in an arena
	KconfigValue                  // a configuration extern: a place in the value of the .kconfig map
	KsymTypeless                  // the address of a kernel symbol
	KsymTyped                     // a kernel variable, by BTF id
	KfuncCall                     // a call of a kernel function
	KfuncAddr                     // a kernel function's existence: its BTF id, or 0
	InsnArray                     // a jump table: an instruction-array map
	Immediate                     // the 4 bytes at a place in a data section, as a number
)

var fixupKinds = [...]string{"map", "value", "kconfig", "ksym", "ksym_btf", "kfunc_call", "kfunc", "jump_table", "immediate"}

// String names the kind in one word.
func (k FixupKind) String() string {
	if int(k) < len(fixupKinds) {
		return fixupKinds[k]
	}
	return "unknown"
}

// A Fixup is an instruction whose immediates depend on what a loader creates or
// finds in the kernel.
type Fixup struct {
	Insn uint32 // in the linked program
	Kind FixupKind
	Weak bool // an extern that may be missing
	// Index is the place of the map among those given to New, or of the extern
	// among Linker.Externs. It is the number that a poisoned instruction shows.
	Index uint32
	// Map is what MapFD, MapValue and Immediate refer to, and the map of configuration
	// values for KconfigValue if New was given one. A map of origin "arena"
	// stands for the initial contents of the object's arena.
	Map *spec.Map
	// Offset is in bytes, from the start of the map's value for MapValue and
	// Immediate; for InsnArray from the start of the jump table.
	Offset uint64
	// Name and ID are those of an extern, as declared in the object's BTF.
	Name string
	ID   rawbtf.ID
	// Table holds the targets of a jump table, as instructions of the linked
	// program. Two fixups with the same TableOffset share one.
	Table       []uint32
	TableOffset uint64 // bytes from the start of .jumptables
}

// A Value is what the target of a fixup turned out to be.
type Value struct {
	// Missing says that there is no such thing: a map that was not created, a
	// weak extern that the kernel lacks. A reference to a map, and a call, is
	// then poisoned; the address of a missing symbol is 0.
	Missing bool
	// FD is the descriptor of the map; for KsymTyped and KfuncAddr that of the
	// module's BTF, 0 for the kernel itself.
	FD int
	// Offset is added to Fixup.Offset: the place of a configuration value, or
	// of initial contents in an arena.
	Offset uint64
	Addr   uint64    // of a KsymTypeless; the number for Immediate
	ID     rawbtf.ID // of a kernel variable or function
	// FDIndex is the place of a module's BTF in fd_array, 0 for the kernel's.
	FDIndex int16
}

// Numbers of poisoned calls, which libbpf uses, too: the index of the map or
// extern is added.
const (
	PoisonedMap   = 2001000000
	PoisonedKfunc = 2002000000
)

// Finish writes the final immediates of every fixup, given what resolve makes of
// each. An error of resolve is returned with the place of the instruction.
func (c *Code) Finish(resolve func(*Fixup) (Value, error)) error {
	code := insns{c.Insns, c.Big}
	for i := range c.Fixups {
		f := &c.Fixups[i]
		v, err := resolve(f)
		if err == nil {
			err = f.write(code, v)
		}
		if err != nil {
			if located := (*elf.Error)(nil); errors.As(err, &located) {
				return err
			}
			return c.Locate(f.Insn, err)
		}
	}
	return nil
}

func (f *Fixup) write(code insns, v Value) error {
	at := uint64(f.Insn) * insnSize
	switch f.Kind {
	case MapFD, MapValue, KconfigValue, InsnArray:
		if v.Missing {
			code.setPoison(at, PoisonedMap+f.Index)
			code.setPoison(at+insnSize, PoisonedMap+f.Index)
			return nil
		}
		if f.Kind == MapFD {
			code.setLoad(at, pseudoMapFD, uint32(v.FD), 0)
			return nil
		}
		offset := f.Offset + v.Offset
		if offset != uint64(uint32(offset)) {
			return elf.Unsupported("offset %#x into a map's value does not fit 32 bits", offset)
		}
		code.setLoad(at, pseudoMapValue, uint32(v.FD), uint32(offset))
	case KsymTypeless, Immediate:
		if v.Missing {
			v.Addr = 0
		}
		code.setLoad(at, 0, uint32(v.Addr), uint32(v.Addr>>32))
	case KsymTyped, KfuncAddr:
		if v.Missing {
			code.setLoad(at, 0, 0, 0)
		} else {
			code.setLoad(at, pseudoBTFID, v.ID, uint32(v.FD))
		}
	case KfuncCall:
		if v.Missing {
			code.setPoison(at, PoisonedKfunc+f.Index)
			return nil
		}
		code.setSrc(at, pseudoKfunc)
		code.setOff(at, v.FDIndex)
		code.setImm(at, v.ID)
	}
	return nil
}
