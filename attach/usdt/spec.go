// SPDX-License-Identifier: MIT

package usdt

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// A Spec describes the arguments of a probe for usdt.bpf.h.
type Spec struct {
	Args   []Arg
	Cookie uint64 // what bpf_usdt_cookie returns
}

// Sizes of an element of [SpecMap]. Before libbpf 1.7 an argument took 16 bytes; since
// then it takes 24 for an index register, for the sake of x86. The map's value says
// with which of them the object was compiled.
const (
	Size16 = MaxArgs*16 + 16
	Size24 = MaxArgs*24 + 16
)

// ErrOldHeader says that an argument cannot be described in the older form.
var ErrOldHeader = errors.New("an argument with an index register, which usdt.bpf.h knows since libbpf 1.7")

// used marks an element, in bytes that the program does not read, as one that
// describes a probe: that of a probe without arguments would be zero.
const used = 1

// Encode writes the element in the byte order of this machine.
func (s *Spec) Encode(size int) ([]byte, error) {
	var width int
	switch size {
	case Size16:
		width = 16
	case Size24:
		width = 24
	default:
		return nil, fmt.Errorf("map %s has values of %d bytes; usdt.bpf.h makes them %d, or %d since libbpf 1.7", SpecMap, size, Size16, Size24)
	}
	out := make([]byte, size)
	for i := range s.Args {
		b := out[i*width:][:width]
		if err := s.Args[i].encode(b); err != nil {
			return nil, fmt.Errorf("argument %d: %w", i+1, err)
		}
	}
	tail := out[MaxArgs*width:]
	native.PutUint64(tail, s.Cookie)
	native.PutUint16(tail[8:], uint16(len(s.Args)))
	tail[15] = used
	return out, nil
}

// Used says whether an element describes a probe.
func Used(element []byte) bool {
	for _, b := range element {
		if b != 0 {
			return true
		}
	}
	return false
}

var native = binary.NativeEndian

// encode writes struct __bpf_usdt_arg_spec: the offset, the kind, the register, the
// sign, and how many bits are not the argument's.
func (a *Arg) encode(b []byte) error {
	native.PutUint64(b, uint64(a.offset))
	tail := b[12:]
	if len(b) == 16 {
		if a.kind == memorySIB {
			return ErrOldHeader
		}
		native.PutUint32(b[8:], uint32(a.kind))
	} else {
		tail = b[14:]
		a.encodeIndex(b)
	}
	native.PutUint16(tail, uint16(a.register))
	if a.signed {
		tail[2] = 1
	}
	tail[3] = 64 - a.size*8
	return nil
}

// encodeIndex writes the bit fields of the longer form, which compilers lay out by the
// byte order.
func (a *Arg) encodeIndex(b []byte) {
	if little {
		b[8] = a.kind
		native.PutUint16(b[10:], uint16(a.index)|uint16(a.scale)<<12)
		return
	}
	native.PutUint16(b[10:], uint16(a.index)<<4|uint16(a.scale))
	b[12] = a.kind
}

var little = native.Uint16([]byte{1, 0}) == 1
