// SPDX-License-Identifier: MIT

package value

import (
	"fmt"
	"math"
	"math/big"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/bpfload/bpfload/rawbtf"
)

// scalar encodes an integer, bool, char, enumerator or pointer.
func scalar(f form, v any, at bits) error {
	isSigned := false
	switch f.Kind {
	case rawbtf.KindInt:
		encoding, _, _ := f.Int()
		if encoding&rawbtf.IntBool != 0 {
			return boolean(f, v, at)
		}
		isSigned = encoding&rawbtf.IntSigned != 0
		if text, ok := v.(string); ok {
			if f.isChar() && len(text) == 1 {
				at.put(0, uint64(text[0]))
				return nil
			}
			if dst, whole := at.bytes(); whole && len(dst) == 4 {
				if b, ok := parseAddress(text, 4); ok {
					copy(dst, b)
					return nil
				}
				if err := badAddress(text, 4); err != nil {
					return err
				}
			}
		}
	case rawbtf.KindEnum, rawbtf.KindEnum64:
		isSigned = f.KindFlag
		if text, ok := v.(string); ok && !startsNumber(text) {
			n, err := enumerators(f, text)
			if err != nil {
				return err
			}
			v = n
		}
	}
	n, err := integer(v)
	if err != nil {
		return refuse(ErrType, "want %s, got %s", wanted(f), describe(v))
	}
	if !n.fits(at.n, isSigned) && !(f.eitherSign() && n.fits(at.n, !isSigned)) {
		least, greatest := limits(max(at.n, 1), isSigned)
		bitfield := ""
		if size, _ := f.size(); uint64(at.n) != 8*size {
			bitfield = fmt.Sprintf(" of %d bits", at.n)
		}
		return refuse(ErrRange, "%s does not fit %s%s (%d to %d)", n, f, bitfield, least, greatest)
	}
	at.put(n.twosComplement())
	return nil
}

func boolean(f form, v any, at bits) error {
	n := uint64(2)
	switch r := reflect.ValueOf(v); r.Kind() {
	case reflect.Bool:
		if n = 0; r.Bool() {
			n = 1
		}
	case reflect.String:
		switch r.String() {
		case "true", "1", "yes", "on", "y":
			n = 1
		case "false", "0", "no", "off", "n":
			n = 0
		}
	default:
		if i, err := integer(v); err == nil && i.fits(1, false) {
			n = i.lo
		}
	}
	if n > 1 {
		return refuse(ErrType, "want true or false, got %s", describe(v))
	}
	at.put(0, n)
	return nil
}

// enumerators returns the value of an enumerator, or of several joined by |.
func enumerators(f form, text string) (number, error) {
	var sum uint64
	for name := range strings.SplitSeq(text, "|") {
		name = strings.TrimSpace(name)
		found := false
		for i := range f.Vlen {
			if off, value := f.Enumerator(i); f.types.Name(off) == name {
				sum, found = sum|value, true
				break
			}
		}
		if !found {
			return number{}, refuse(ErrName, "%s has no enumerator %q; %s", f, name, choices(f.Vlen, func(i int) string {
				off, _ := f.Enumerator(i)
				return f.types.Name(off)
			}))
		}
	}
	if f.KindFlag {
		return signed(int64(sum)), nil
	}
	return unsigned(sum), nil
}

// choices lists the first of n names, leaving out empty ones.
func choices(n int, name func(int) string) string {
	const most = 8
	var names []string
	for i := 0; i < n && len(names) <= most; i++ {
		if s := name(i); s != "" {
			names = append(names, strconv.Quote(s))
		}
	}
	switch {
	case len(names) == 0:
		return "it has none"
	case len(names) > most:
		names[most] = "..."
	}
	return "it has " + strings.Join(names, ", ")
}

// integer converts any kind of Go number, and text that denotes one.
func integer(v any) (number, error) {
	switch v := v.(type) {
	case number:
		return v, nil
	case *big.Int:
		return fromBig(v)
	}
	switch r := reflect.ValueOf(v); {
	case r.CanInt():
		return signed(r.Int()), nil
	case r.CanUint():
		return unsigned(r.Uint()), nil
	case r.CanFloat():
		const exact = 1 << 53 // beyond this a float64 leaves integers out
		if x := r.Float(); x == math.Trunc(x) && math.Abs(x) <= exact {
			return signed(int64(x)), nil
		}
	case r.Kind() == reflect.String:
		return parseInteger(r.String())
	}
	return number{}, refuse(ErrType, "want an integer, got %s", describe(v))
}

// startsNumber tells text that denotes a number from a name.
func startsNumber(text string) bool {
	return text == "" || strings.IndexByte("0123456789+-'", text[0]) >= 0
}

// parseInteger reads an integer as C and Go write it, or a character between
// single quotes.
func parseInteger(text string) (number, error) {
	if len(text) == 3 && text[0] == '\'' && text[2] == '\'' && text[1] < utf8.RuneSelf {
		return unsigned(uint64(text[1])), nil
	}
	if u, err := strconv.ParseUint(text, 0, 64); err == nil {
		return unsigned(u), nil
	}
	const longest = 130 // characters: 128 binary digits and their prefix
	if n, ok := new(big.Int), len(text) <= longest+1; ok {
		if n, ok = n.SetString(text, 0); ok {
			return fromBig(n)
		}
	}
	return number{}, refuse(ErrType, "want an integer, got %q", text)
}

func fromBig(v *big.Int) (number, error) {
	if v.BitLen() > 128 {
		return number{}, refuse(ErrRange, "%s does not fit 128 bits", v)
	}
	n := number{negative: v.Sign() < 0}
	magnitude := new(big.Int).Abs(v)
	n.lo = new(big.Int).And(magnitude, new(big.Int).SetUint64(math.MaxUint64)).Uint64()
	n.hi = magnitude.Rsh(magnitude, 64).Uint64()
	return n, nil
}

// floating converts any kind of Go number, and text that denotes one.
func floating(v any) (float64, error) {
	switch r := reflect.ValueOf(v); {
	case r.CanFloat():
		return r.Float(), nil
	case r.CanInt():
		return float64(r.Int()), nil
	case r.CanUint():
		return float64(r.Uint()), nil
	case r.Kind() == reflect.String:
		if x, err := strconv.ParseFloat(r.String(), 64); err == nil {
			return x, nil
		}
	}
	return 0, refuse(ErrType, "want a number, got %s", describe(v))
}
