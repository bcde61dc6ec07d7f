// SPDX-License-Identifier: MIT

package value

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/bpfload/bpfload/internal/plain"
	"github.com/bpfload/bpfload/rawbtf"
)

// array encodes a list, text for an array of char, or an address.
func (e *encoder) array(f form, v any, dst []byte, depth int) error {
	elem, _, n := f.Array()
	r := reflect.ValueOf(v)
	if text, ok := v.(string); ok {
		if f.isText() {
			if len(text) > len(dst) {
				return refuse(ErrRange, "text of %s does not fit %s", plain.Count(len(text), "byte"), f)
			}
			clear(dst[copy(dst, text):])
			return nil
		}
		if b, ok := parseAddress(text, len(dst)); ok {
			copy(dst, b)
			return nil
		}
	}
	if r.Kind() != reflect.Slice && r.Kind() != reflect.Array {
		return refuse(ErrType, "want %s, got %s", wanted(f), describe(v))
	}
	if r.Len() != int(n) {
		return refuse(ErrRange, "want %s (%s), got %d", plain.Count(int(n), "element"), f, r.Len())
	}
	if n == 0 {
		return nil
	}
	size := len(dst) / int(n)
	for i := range r.Len() {
		if err := e.value(elem, r.Index(i).Interface(), dst[i*size:][:size:size], depth+1); err != nil {
			return within(fmt.Sprintf("[%d]", i), err)
		}
	}
	return nil
}

// object encodes the members of a struct, union or datasec, or an address.
func (e *encoder) object(f form, v any, dst []byte, depth int) error {
	if text, ok := v.(string); ok {
		if b, ok := parseAddress(text, len(dst)); ok {
			copy(dst, b)
			return nil
		}
		if e.prefix(f, text, dst) {
			return nil
		}
		if err := badAddress(text, len(dst)); err != nil {
			return err
		}
	}
	r := reflect.ValueOf(v)
	if r.Kind() != reflect.Map || r.Type().Key().Kind() != reflect.String {
		return refuse(ErrType, "want %s, got %s", wanted(f), describe(v))
	}
	members := make(map[string]any, r.Len())
	for it := r.MapRange(); it.Next(); {
		members[it.Key().String()] = it.Value().Interface()
	}
	given := len(members)
	used, err := e.members(f, members, dst, depth)
	if err != nil {
		return err
	}
	if used == given {
		return nil
	}
	for _, name := range sortedKeys(members) {
		if !e.hasMember(f, name, 0) {
			return refuse(ErrName, "%s has no member %q; %s", f, name, choices(f.Vlen, func(i int) string { return f.part(i).name }))
		}
	}
	return refuse(ErrType, "%s has two members of one name", f)
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// members encodes those members of f that are given, in the order of the type,
// and returns their number. Members of a union must agree where they overlap.
func (e *encoder) members(f form, given map[string]any, dst []byte, depth int) (used int, err error) {
	var union *overlay
	if f.Kind == rawbtf.KindUnion {
		union = newOverlay(dst)
	}
	for i := range f.Vlen {
		if e.budget--; e.budget < 0 || depth > maxDepth {
			return 0, refuse(ErrType, "%s has too many parts", f)
		}
		p := f.part(i)
		n := 0
		encode := func(dst []byte) (err error) {
			n, err = e.member(p, given, dst, depth)
			return within(p.name, err)
		}
		if union != nil {
			err = union.add(p.name, encode)
		} else {
			err = encode(dst)
		}
		if err != nil {
			return 0, err
		}
		used += n
	}
	return used, nil
}

// member encodes one member, or those within an anonymous one, if it is given.
func (e *encoder) member(p part, given map[string]any, dst []byte, depth int) (used int, err error) {
	v, ok := given[p.name]
	if p.name != "" && !ok {
		return 0, nil
	}
	f := resolve(e.types, p.typ)
	if p.name == "" && !f.composite() {
		return 0, nil // an unnamed bitfield is padding
	}
	at, err := p.place(f, dst)
	if err != nil {
		return 0, err
	}
	if p.name != "" {
		return 1, e.at(f, v, at, depth+1)
	}
	inner, whole := at.bytes()
	if !whole {
		return 0, refuse(ErrType, "%s cannot be a bitfield", f)
	}
	return e.members(f, given, inner, depth+1)
}

// hasMember says whether the type has a member of that name, be it within
// anonymous ones.
func (e *encoder) hasMember(f form, name string, depth int) bool {
	for i := range f.Vlen {
		if e.budget--; e.budget < 0 || depth > maxDepth {
			return false
		}
		p := f.part(i)
		if p.name == name && name != "" {
			return true
		}
		if pf := resolve(f.types, p.typ); p.name == "" && pf.composite() && e.hasMember(pf, name, depth+1) {
			return true
		}
	}
	return false
}

// An overlay collects the members of a union in one place, and notices where two
// of them say different things about one bit.
type overlay struct {
	dst, known []byte // known has the bits set that a member has determined
	low, high  []byte // what a member makes of all zeros and of all ones
}

func newOverlay(dst []byte) *overlay {
	n := len(dst)
	scratch := make([]byte, 3*n)
	return &overlay{dst: dst, known: scratch[:n], low: scratch[n : 2*n], high: scratch[2*n:]}
}

// add lets encode write a member. What comes out the same over zeros and over ones
// is what the member consists of.
func (o *overlay) add(name string, encode func([]byte) error) error {
	for i := range o.dst {
		o.low[i], o.high[i] = 0, 0xff
	}
	if err := encode(o.low); err != nil {
		return err
	}
	if err := encode(o.high); err != nil {
		return err
	}
	for i := range o.dst {
		own := ^(o.low[i] ^ o.high[i])
		if own&o.known[i]&(o.low[i]^o.dst[i]) != 0 {
			return within(name, refuse(ErrType, "contradicts another member of the union"))
		}
		o.known[i] |= own
		o.dst[i] = o.dst[i]&^own | o.low[i]&own
	}
	return nil
}

// prefix encodes a CIDR prefix as the key of an LPM trie: a 32-bit length, then
// the address.
func (e *encoder) prefix(f form, text string, dst []byte) bool {
	address, length, ok := parsePrefix(text)
	if !ok || len(dst) != 4+len(address) || f.Kind != rawbtf.KindStruct || f.Vlen == 0 {
		return false
	}
	first := f.part(0)
	pf := resolve(e.types, first.typ)
	at, err := first.place(pf, dst)
	if err != nil || pf.Kind != rawbtf.KindInt || at.offset != 0 || at.n != 32 {
		return false
	}
	at.put(0, uint64(length))
	copy(dst[4:], address)
	return true
}

// wanted says what a type takes.
func wanted(f form) string {
	switch f.Kind {
	case rawbtf.KindInt, rawbtf.KindPtr:
		return fmt.Sprintf("an integer (%s)", f)
	case rawbtf.KindEnum, rawbtf.KindEnum64:
		return fmt.Sprintf("an enumerator or integer (%s)", f)
	case rawbtf.KindFloat:
		return fmt.Sprintf("a number (%s)", f)
	case rawbtf.KindArray:
		if f.isText() {
			return fmt.Sprintf("text (%s)", f)
		}
		return fmt.Sprintf("a list (%s)", f)
	}
	var names []string
	for i := range min(f.Vlen, 2) {
		if name := f.part(i).name; f.composite() && name != "" {
			names = append(names, fmt.Sprintf("%q: ...", name))
		}
	}
	return fmt.Sprintf("an object such as {%s} (%s)", strings.Join(names, ", "), f)
}
