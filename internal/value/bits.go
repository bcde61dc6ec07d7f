// SPDX-License-Identifier: MIT

package value

import (
	"encoding/binary"
	"math/big"
)

// bits is the place of a number: n bits at an offset counted, within each byte,
// from the least significant bit on little-endian machines and from the most
// significant one on others, as compilers lay out bitfields.
type bits struct {
	data      []byte
	offset, n int
	big       bool
}

// bytes returns the place as a range of whole bytes, if it is one.
func (b bits) bytes() ([]byte, bool) {
	if b.offset%8 != 0 || b.n%8 != 0 {
		return nil, false
	}
	return b.data[b.offset/8:][: b.n/8 : b.n/8], true
}

func (b bits) order() binary.ByteOrder {
	if b.big {
		return binary.BigEndian
	}
	return binary.LittleEndian
}

// get returns the number, not sign-extended, as two halves.
func (b bits) get() (hi, lo uint64) {
	if p, ok := b.bytes(); ok {
		order := b.order()
		switch len(p) {
		case 1:
			return 0, uint64(p[0])
		case 2:
			return 0, uint64(order.Uint16(p))
		case 4:
			return 0, uint64(order.Uint32(p))
		case 8:
			return 0, order.Uint64(p)
		}
	}
	for i := range b.n {
		byteAt, shift := b.bit(i)
		hi = hi<<1 | lo>>63
		lo = lo<<1 | uint64(b.data[byteAt]>>shift&1)
	}
	return hi, lo
}

// put writes the low bits of a number.
func (b bits) put(hi, lo uint64) {
	if p, ok := b.bytes(); ok {
		order := b.order()
		switch len(p) {
		case 1:
			p[0] = byte(lo)
			return
		case 2:
			order.PutUint16(p, uint16(lo))
			return
		case 4:
			order.PutUint32(p, uint32(lo))
			return
		case 8:
			order.PutUint64(p, lo)
			return
		}
	}
	for i := b.n - 1; i >= 0; i-- {
		byteAt, shift := b.bit(i)
		b.data[byteAt] = b.data[byteAt]&^(1<<shift) | byte(lo&1)<<shift
		lo = lo>>1 | hi<<63
		hi >>= 1
	}
}

// bit returns the place of bit i, counted from the most significant one.
func (b bits) bit(i int) (byteAt, shift int) {
	if b.big {
		at := b.offset + i
		return at / 8, 7 - at%8
	}
	at := b.offset + b.n - 1 - i
	return at / 8, at % 8
}

// A number is an integer of up to 128 bits: sign and magnitude.
type number struct {
	negative bool
	hi, lo   uint64
}

func unsigned(v uint64) number { return number{lo: v} }

func signed(v int64) number {
	if v < 0 {
		return number{negative: true, lo: -uint64(v)}
	}
	return number{lo: uint64(v)}
}

// big returns the number for printing and arithmetic.
func (n number) big() *big.Int {
	v := new(big.Int).SetUint64(n.hi)
	v.Or(v.Lsh(v, 64), new(big.Int).SetUint64(n.lo))
	if n.negative {
		v.Neg(v)
	}
	return v
}

func (n number) String() string { return n.big().String() }

// twosComplement returns the number as memory holds it.
func (n number) twosComplement() (hi, lo uint64) {
	if !n.negative {
		return n.hi, n.lo
	}
	lo = -n.lo
	hi = ^n.hi
	if lo == 0 {
		hi++
	}
	return hi, lo
}

// fromMemory is the reverse for a number of the given width.
func fromMemory(hi, lo uint64, width int, isSigned bool) number {
	n := number{hi: hi, lo: lo}
	if !isSigned || width == 0 {
		return n
	}
	if width <= 64 {
		return signed(int64(lo<<(64-width)) >> (64 - width))
	}
	top := width - 64
	if hi = uint64(int64(hi<<(64-top)) >> (64 - top)); int64(hi) >= 0 {
		return number{hi: hi, lo: lo}
	}
	n.hi, n.lo = number{negative: true, hi: hi, lo: lo}.twosComplement()
	n.negative = true
	return n
}

// limits returns the least and greatest number of a width.
func limits(width int, isSigned bool) (least, greatest *big.Int) {
	one := big.NewInt(1)
	if !isSigned {
		top := new(big.Int).Lsh(one, uint(width))
		return new(big.Int), top.Sub(top, one)
	}
	top := new(big.Int).Lsh(one, uint(width-1))
	return new(big.Int).Neg(top), new(big.Int).Sub(top, one)
}

// fits says whether the number can be held by that many bits.
func (n number) fits(width int, isSigned bool) bool {
	if n.hi == 0 && width <= 64 && width > 0 {
		switch {
		case !isSigned:
			return (!n.negative || n.lo == 0) && (width == 64 || n.lo>>width == 0)
		case n.negative:
			return n.lo <= 1<<(width-1)
		}
		return n.lo < 1<<(width-1)
	}
	if width == 0 {
		return n.hi == 0 && n.lo == 0
	}
	least, greatest := limits(width, isSigned)
	v := n.big()
	return v.Cmp(least) >= 0 && v.Cmp(greatest) <= 0
}
