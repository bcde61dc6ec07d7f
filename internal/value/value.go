// SPDX-License-Identifier: MIT

// Package value converts between the bytes of a BPF value and what people and
// programs write, by the value's BTF type: keys and values of maps, and global
// variables.
//
// [Encode] takes Go values, [ParseJSON] a JSON document, [ParseText] one argument
// of a command line, [Format] writes JSON. What Format writes, Encode reads back
// to the same bytes, padding excepted.
//
//	C type                     accepted, beside hex:... for any of them      written as
//	bool                       true, false, 0, 1                             true, false
//	integers                   numbers in range, "0x1f", "'a'"               number; of 16 bytes: decimal string
//	4-byte integers            also an IPv4 address, as it is in a packet    number
//	__be16, __be32, __be64     numbers, stored big-endian                    number; __be32: IPv4 address
//	char                       one character, or a number                    character if printable
//	enum                       name, names joined by |, number               name, else number
//	pointer                    number                                        "0x..."
//	char array                 text, filled up with NUL                      text if printable, else numbers
//	array                      list of as many elements                      list
//	struct                     object; members left out keep their bytes     object
//	union                      object with the members to set                object with all members
//	4, 6 or 16 bytes           IPv4, hardware or IPv6 address in memory order
//	struct of u32 and address  CIDR prefix, the key of an LPM trie           object
//
// Text such as hex:0a00ff gives the bytes in memory order. Members of anonymous
// structs and unions belong to what encloses them, as they do in C.
package value

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/bpfload/bpfload/rawbtf"
)

// An Error says which part of a value was refused, and why.
type Error struct {
	Path string // such as "ports[2]" or "limits.burst"; empty for the whole value
	Err  error
}

// Error puts the path before the cause.
func (e *Error) Error() string {
	if e.Path == "" {
		return e.Err.Error()
	}
	return e.Path + ": " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Sentinels that an [Error] wraps.
var (
	// ErrRange says that a number does not fit its type.
	ErrRange = errors.New("out of range")
	// ErrType says that a value of this kind cannot become one of that type.
	ErrType = errors.New("wrong kind of value")
	// ErrName says that a type has no member or enumerator of that name.
	ErrName = errors.New("unknown name")
)

type cause struct {
	sentinel error
	message  string
}

func (c *cause) Error() string { return c.message }
func (c *cause) Unwrap() error { return c.sentinel }

func refuse(sentinel error, format string, args ...any) error {
	return &Error{Err: &cause{sentinel, fmt.Sprintf(format, args...)}}
}

// within puts the name of the enclosing part before the path of err, if there is
// an err.
func within(segment string, err error) error {
	if err == nil {
		return nil
	}
	var e *Error
	if !errors.As(err, &e) {
		return &Error{Path: segment, Err: err}
	}
	switch {
	case segment == "":
	case e.Path == "", e.Path[0] == '[':
		e.Path = segment + e.Path
	default:
		e.Path = segment + "." + e.Path
	}
	return e
}

// Encode writes v into dst, whose length is the size of the type. Bytes that v
// does not mention stay as they are; after an error all of them do. Id 0 stands
// for bytes of no known type, among which integers are in the byte order of types,
// or of this machine if types is nil.
//
// V may be a bool, any integer or float, a string, a []byte of the right length, a
// slice or array for an array, a map with string keys for a struct, a Go struct of
// the same layout, a netip.Addr, net.IP, netip.Prefix or net.HardwareAddr, and
// what encoding/json makes of a document.
func Encode(types *rawbtf.Spec, id rawbtf.ID, v any, dst []byte) error {
	scratch := bytes.Clone(dst)
	e := encoder{types: types, budget: budgetFor(dst)}
	if err := e.value(id, v, scratch, 0); err != nil {
		return err
	}
	copy(dst, scratch)
	return nil
}

// ParseJSON is [Encode] for a JSON document.
func ParseJSON(types *rawbtf.Spec, id rawbtf.ID, document []byte, dst []byte) error {
	v, err := FromJSON(document)
	if err != nil {
		return err
	}
	return Encode(types, id, v, dst)
}

// FromJSON returns what encoding/json makes of a document, numbers as they are
// written. Nothing may follow it.
func FromJSON(document []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(document))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, refuse(ErrType, "not JSON: %v", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, refuse(ErrType, "something follows the JSON value")
	}
	return v, nil
}

// ParseText is [Encode] for text from a command line. Text that begins with {, [
// or a double quote is JSON, but text for a char array is taken as it stands
// unless it begins with a double quote; any other text means what it means within
// JSON, and for a char a number is a number.
func ParseText(types *rawbtf.Spec, id rawbtf.ID, text string, dst []byte) error {
	f := resolve(types, id)
	switch {
	case strings.HasPrefix(text, `"`):
		return ParseJSON(types, id, []byte(text), dst)
	case f.isText():
	case strings.HasPrefix(text, "{"), strings.HasPrefix(text, "["):
		return ParseJSON(types, id, []byte(text), dst)
	case f.isChar():
		if n, err := parseInteger(text); err == nil {
			return Encode(types, id, n, dst)
		}
	}
	return Encode(types, id, text, dst)
}

// hexPrefix marks text that stands for bytes.
const hexPrefix = "hex:"

// parseHex reads text such as hex:0a00ff; bytes may be set apart by spaces or
// colons.
func parseHex(text string) ([]byte, bool, error) {
	digits, ok := strings.CutPrefix(text, hexPrefix)
	if !ok {
		return nil, false, nil
	}
	b, err := hex.DecodeString(strings.NewReplacer(" ", "", ":", "").Replace(digits))
	if err != nil {
		return nil, true, refuse(ErrType, "%q: want two hexadecimal digits for each byte", text)
	}
	return b, true, nil
}
