// SPDX-License-Identifier: MIT

package value

import (
	"encoding/hex"
	"math"
	"net/netip"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/bpfload/bpfload/rawbtf"
)

// Format returns data, a value of the given type, as JSON. Members stand in the
// order of the type. Bytes that are no value of their type, such as a bool of 2,
// and data without a type (id 0) become text such as "hex:0a00ff".
func Format(types *rawbtf.Spec, id rawbtf.ID, data []byte) ([]byte, error) {
	return Append(nil, types, id, data)
}

// Append is [Format] for a buffer that already holds something.
func Append(buf []byte, types *rawbtf.Spec, id rawbtf.ID, data []byte) ([]byte, error) {
	f := resolve(types, id)
	if f.Kind == rawbtf.KindVoid {
		return appendHex(buf, data), nil
	}
	at, err := part{typ: id}.place(f, data)
	if err != nil {
		return nil, err
	}
	w := formatter{types: types, buf: buf, budget: budgetFor(data)}
	if err := w.value(f, at, 0); err != nil {
		return nil, err
	}
	return w.buf, nil
}

type formatter struct {
	types  *rawbtf.Spec
	buf    []byte
	budget int
}

func (w *formatter) value(f form, at bits, depth int) error {
	if w.budget--; w.budget < 0 || depth > maxDepth {
		return refuse(ErrType, "%s has too many parts", f)
	}
	switch f.Kind {
	case rawbtf.KindInt:
		w.integer(f, at)
		return nil
	case rawbtf.KindEnum, rawbtf.KindEnum64:
		w.enum(f, at)
		return nil
	}
	data, whole := at.bytes()
	if !whole {
		return refuse(ErrType, "%s cannot be a bitfield", f)
	}
	switch f.Kind {
	case rawbtf.KindPtr:
		_, lo := at.get()
		w.buf = append(strconv.AppendUint(append(w.buf, `"0x`...), lo, 16), '"')
	case rawbtf.KindFloat:
		w.float(at, data)
	case rawbtf.KindArray:
		return w.array(f, data, depth)
	case rawbtf.KindStruct, rawbtf.KindUnion, rawbtf.KindDatasec:
		if f.isAddress() {
			a, _ := netip.AddrFromSlice(data)
			w.buf = appendString(w.buf, a.String())
			return nil
		}
		w.buf = append(w.buf, '{')
		if _, err := w.members(f, data, true, depth); err != nil {
			return err
		}
		w.buf = append(w.buf, '}')
	default:
		return refuse(ErrType, "%s has no value", f)
	}
	return nil
}

func (w *formatter) integer(f form, at bits) {
	hi, lo := at.get()
	encoding, _, _ := f.Int()
	data, whole := at.bytes()
	switch {
	case encoding&rawbtf.IntBool != 0 && hi == 0 && lo <= 1:
		w.buf = strconv.AppendBool(w.buf, lo == 1)
	case encoding&rawbtf.IntBool != 0 && whole:
		w.buf = appendHex(w.buf, data)
	case f.isChar() && whole && lo >= 0x20 && lo < 0x7f:
		w.buf = appendString(w.buf, string(rune(lo)))
	case f.network && whole && len(data) == 4:
		w.buf = appendString(w.buf, netip.AddrFrom4([4]byte(data)).String())
	case at.n > 64:
		w.buf = appendString(w.buf, fromMemory(hi, lo, at.n, encoding&rawbtf.IntSigned != 0).String())
	case encoding&rawbtf.IntSigned != 0 && at.n > 0:
		w.buf = strconv.AppendInt(w.buf, int64(lo<<(64-at.n))>>(64-at.n), 10)
	default:
		w.buf = strconv.AppendUint(w.buf, lo, 10)
	}
}

func (w *formatter) enum(f form, at bits) {
	hi, lo := at.get()
	n := fromMemory(hi, lo, at.n, f.KindFlag)
	_, want := n.twosComplement()
	for i := range f.Vlen {
		if off, value := f.Enumerator(i); value == want && f.types.Name(off) != "" {
			w.buf = appendString(w.buf, f.types.Name(off))
			return
		}
	}
	w.buf = n.big().Append(w.buf, 10)
}

func (w *formatter) float(at bits, data []byte) {
	_, lo := at.get()
	x, width := math.Float64frombits(lo), 64
	switch len(data) {
	case 4:
		x, width = float64(math.Float32frombits(uint32(lo))), 32
	case 8:
	default:
		w.buf = appendHex(w.buf, data)
		return
	}
	if math.IsNaN(x) || math.IsInf(x, 0) {
		w.buf = appendHex(w.buf, data) // JSON has no such numbers, and a NaN has a payload
		return
	}
	w.buf = strconv.AppendFloat(w.buf, x, 'g', -1, width)
}

func (w *formatter) array(f form, data []byte, depth int) error {
	elem, _, n := f.Array()
	if text, ok := asText(data); ok && f.isText() {
		w.buf = appendString(w.buf, text)
		return nil
	}
	w.buf = append(w.buf, '[')
	ef := resolve(w.types, elem)
	for i := range int(n) {
		if i > 0 {
			w.buf = append(w.buf, ',')
		}
		size := len(data) / int(n)
		chunk := data[i*size:][:size:size]
		if f.isText() {
			w.budget--
			w.buf = strconv.AppendUint(w.buf, uint64(chunk[0]), 10)
			continue
		}
		at, err := part{typ: elem}.place(ef, chunk)
		if err == nil {
			err = w.value(ef, at, depth+1)
		}
		if err != nil {
			return within("["+strconv.Itoa(i)+"]", err)
		}
	}
	w.buf = append(w.buf, ']')
	return nil
}

// members writes the members of f, first saying whether none was written before.
func (w *formatter) members(f form, data []byte, first bool, depth int) (stillFirst bool, err error) {
	for i := range f.Vlen {
		p := f.part(i)
		pf := resolve(w.types, p.typ)
		nested := p.name == "" && pf.composite()
		if w.budget--; w.budget < 0 || depth > maxDepth {
			return first, refuse(ErrType, "%s has too many parts", f)
		}
		if p.name == "" && !nested {
			continue // an unnamed bitfield is padding
		}
		at, err := p.place(pf, data)
		if err != nil {
			return first, within(p.name, err)
		}
		if nested {
			inner, whole := at.bytes()
			if !whole {
				return first, refuse(ErrType, "%s cannot be a bitfield", pf)
			}
			if first, err = w.members(pf, inner, first, depth+1); err != nil {
				return first, err
			}
			continue
		}
		if !first {
			w.buf = append(w.buf, ',')
		}
		first = false
		w.buf = append(appendString(w.buf, p.name), ':')
		if err := w.value(pf, at, depth+1); err != nil {
			return first, within(p.name, err)
		}
	}
	return first, nil
}

// asText returns the text in a char array: printable, and nothing but NULs after
// it. Text that would be read as hexadecimal bytes does not count.
func asText(data []byte) (string, bool) {
	text := strings.TrimRight(string(data), "\x00")
	if strings.HasPrefix(text, hexPrefix) || !utf8.ValidString(text) {
		return "", false
	}
	for _, r := range text {
		if !unicode.IsPrint(r) && r != '\n' && r != '\t' {
			return "", false
		}
	}
	return text, true
}

func appendHex(buf, data []byte) []byte {
	buf = append(append(buf, '"'), hexPrefix...)
	return append(hex.AppendEncode(buf, data), '"')
}

// appendString writes a JSON string; bytes that are not UTF-8 become U+FFFD.
func appendString(buf []byte, s string) []byte {
	buf = append(buf, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			buf = append(buf, '\\', byte(r))
		case r == '\n':
			buf = append(buf, '\\', 'n')
		case r == '\t':
			buf = append(buf, '\\', 't')
		case r < 0x20 || r == 0x7f:
			buf = append(buf, '\\', 'u', '0', '0', "0123456789abcdef"[r>>4], "0123456789abcdef"[r&15])
		default:
			buf = utf8.AppendRune(buf, r)
		}
	}
	return append(buf, '"')
}
