// SPDX-License-Identifier: MIT

package value

import (
	"encoding"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"net"
	"net/netip"
	"reflect"

	"github.com/bpfload/bpfload/internal/plain"
	"github.com/bpfload/bpfload/rawbtf"
)

type encoder struct {
	types  *rawbtf.Spec
	budget int
}

// value encodes v as a type that begins at the start of dst.
func (e *encoder) value(id rawbtf.ID, v any, dst []byte, depth int) error {
	f := resolve(e.types, id)
	if f.Kind == rawbtf.KindVoid {
		return e.untyped(f, v, dst)
	}
	at, err := part{typ: id}.place(f, dst)
	if err != nil {
		return err
	}
	return e.at(f, v, at, depth)
}

// at encodes v as form f at a place.
func (e *encoder) at(f form, v any, at bits, depth int) error {
	if e.budget--; e.budget < 0 || depth > maxDepth {
		return refuse(ErrType, "%s has too many parts", f)
	}
	v = simplify(v)
	if v == nil {
		return refuse(ErrType, "want %s, got nothing", wanted(f))
	}
	dst, whole := at.bytes()
	if whole {
		if done, err := raw(f, v, dst); done {
			return err
		}
	}
	switch f.Kind {
	case rawbtf.KindInt, rawbtf.KindEnum, rawbtf.KindEnum64, rawbtf.KindPtr:
		return scalar(f, v, at)
	}
	if !whole {
		return refuse(ErrType, "%s cannot be a bitfield", f)
	}
	switch f.Kind {
	case rawbtf.KindFloat:
		return float(f, v, dst)
	case rawbtf.KindArray:
		return e.array(f, v, dst, depth)
	case rawbtf.KindStruct, rawbtf.KindUnion, rawbtf.KindDatasec:
		return e.object(f, v, dst, depth)
	}
	return refuse(ErrType, "%s has no value", f)
}

// simplify follows pointers and turns addresses into text or bytes.
func simplify(v any) any {
	switch v := v.(type) {
	case netip.Addr:
		return v.String()
	case netip.Prefix:
		return v.String()
	case net.IP:
		return v.String()
	case *net.IPNet:
		return v.String()
	case net.HardwareAddr:
		return []byte(v)
	}
	for r := reflect.ValueOf(v); r.IsValid(); r = r.Elem() {
		switch v := r.Interface().(type) {
		case encoding.BinaryMarshaler:
			return v
		case json.Number:
			return v
		case big.Int:
			return &v
		case *big.Int:
			return v
		}
		switch r.Kind() {
		case reflect.Pointer, reflect.Interface:
		case reflect.String:
			return r.String()
		default:
			return r.Interface()
		}
	}
	return nil
}

// raw encodes what already has the form of memory: bytes, hexadecimal text, Go
// structs and what marshals itself. It reports whether v was one of these.
func raw(f form, v any, dst []byte) (done bool, err error) {
	var b []byte
	switch v := v.(type) {
	case []byte:
		b = v
	case string:
		if b, done, err = parseHex(v); !done || err != nil {
			return done, err
		}
	case number, *big.Int:
		return false, nil
	case encoding.BinaryMarshaler:
		if b, err = v.MarshalBinary(); err != nil {
			return true, &Error{Err: err}
		}
	default:
		switch r := reflect.ValueOf(v); {
		case r.Kind() == reflect.Array && r.Type().Elem().Kind() == reflect.Uint8:
			b = make([]byte, r.Len())
			reflect.Copy(reflect.ValueOf(b), r)
		case r.Kind() == reflect.Struct:
			if b, err = binary.Append(nil, bits{big: f.big}.order(), v); err != nil {
				return true, refuse(ErrType, "%v", err)
			}
		default:
			return false, nil
		}
	}
	if len(b) != len(dst) {
		of := ""
		if f.types != nil && f.id != 0 {
			of = fmt.Sprintf(" (%s)", f)
		}
		return true, refuse(ErrType, "want %s%s, got %d", plain.Count(len(dst), "byte"), of, len(b))
	}
	copy(dst, b)
	return true, nil
}

// untyped encodes bytes, a number or an address into bytes without a type.
func (e *encoder) untyped(f form, v any, dst []byte) error {
	v = simplify(v)
	if v == nil {
		return refuse(ErrType, "want %s, got nothing", plain.Count(len(dst), "byte"))
	}
	if done, err := raw(f, v, dst); done {
		return err
	}
	if text, ok := v.(string); ok {
		if b, ok := parseAddress(text, len(dst)); ok {
			copy(dst, b)
			return nil
		}
		if err := badAddress(text, len(dst)); err != nil {
			return err
		}
	}
	if len(dst) == 0 || len(dst) > 16 {
		return refuse(ErrType, "want bytes, since the type is unknown: give all %d as hex:...", len(dst))
	}
	n, err := integer(v)
	if err != nil {
		return err
	}
	at := bits{data: dst, n: 8 * len(dst), big: f.big}
	if !n.fits(at.n, n.negative) {
		return refuse(ErrRange, "%s does not fit %s", n, plain.Count(len(dst), "byte"))
	}
	at.put(n.twosComplement())
	return nil
}

// float encodes a number of 4 or 8 bytes.
func float(f form, v any, dst []byte) error {
	x, err := floating(v)
	if err != nil {
		return err
	}
	at := bits{data: dst, n: 8 * len(dst), big: f.big}
	switch len(dst) {
	case 4:
		// Rounding decides, not the largest finite number: its shortest decimal
		// form, 3.4028235e+38, lies above it.
		narrow := float32(x)
		if math.IsInf(float64(narrow), 0) && !math.IsInf(x, 0) {
			return refuse(ErrRange, "%v does not fit %s", x, f)
		}
		at.put(0, uint64(math.Float32bits(narrow)))
	case 8:
		at.put(0, math.Float64bits(x))
	default:
		return refuse(ErrType, "%s takes %d bytes: give them as hex:...", f, len(dst))
	}
	return nil
}

// describe names a value for an error message.
func describe(v any) string {
	if n, ok := v.(number); ok {
		return n.String()
	}
	switch r := reflect.ValueOf(v); r.Kind() {
	case reflect.String:
		return fmt.Sprintf("%q", r.String())
	case reflect.Bool:
		return fmt.Sprint(v)
	case reflect.Slice, reflect.Array:
		return "a list"
	case reflect.Map:
		return "an object"
	case reflect.Struct:
		return "a struct"
	}
	return fmt.Sprint(v)
}
