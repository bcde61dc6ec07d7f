// SPDX-License-Identifier: MIT

package loader

import (
	"fmt"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/sys"
	"github.com/bpfload/bpfload/rawbtf"
	"github.com/bpfload/bpfload/spec"
)

// compareTypes lists in what key and value of an existing map differ from the
// object's definition, where both have types. Equal sizes say little: a counter
// that became a timestamp has the same.
func (l *load) compareTypes(m *spec.Map, info *sys.MapInfo) ([]Difference, error) {
	if info.BTFID == 0 || l.o.types == nil || m.ValueType == 0 || info.BTFValueTypeID == 0 {
		return nil, nil
	}
	old, err := typesByID(l.k, info.BTFID)
	if err == unix.EPERM || err == unix.ENOENT {
		return nil, nil // reading other people's types takes CAP_SYS_ADMIN
	}
	if err != nil {
		return nil, &Error{Class: errnoClassOf(err), Code: "pin-unreadable", Map: m.Name, Doing: "reading the types of the map that is there", Err: err}
	}
	var diffs []Difference
	for _, part := range []struct {
		field    string
		old, new rawbtf.ID
	}{{"key", info.BTFKeyTypeID, m.KeyType}, {"value", info.BTFValueTypeID, m.ValueType}} {
		c := typeComparison{old: old, new: l.o.types, seen: make(map[[2]rawbtf.ID]bool)}
		if part.old != 0 && part.new != 0 && !c.equal(part.old, part.new) {
			field := part.field + " type"
			if c.where != "" {
				field += " of member " + printable(c.where)
			}
			diffs = append(diffs, Difference{field, c.oldWhat, c.newWhat})
		}
	}
	return diffs, nil
}

// A typeComparison compares two types of two BTFs member by member. Of what
// pointers point at only the names count.
type typeComparison struct {
	old, new         *rawbtf.Spec
	seen             map[[2]rawbtf.ID]bool
	path             []string // names of the members that lead to what is compared
	oldWhat, newWhat string   // the first difference
	where            string   // its path
}

func (c *typeComparison) differ(old, new string) bool {
	if c.oldWhat == "" {
		c.oldWhat, c.newWhat, c.where = old, new, strings.Join(c.path, ".")
	}
	return false
}

func (c *typeComparison) equal(oldID, newID rawbtf.ID) bool {
	a, b := c.old.Underlying(oldID), c.new.Underlying(newID)
	pair := [2]rawbtf.ID{a.ID, b.ID}
	if c.seen[pair] {
		return true
	}
	c.seen[pair] = true
	if a.Kind != b.Kind || sized(a.Kind) && a.SizeOrType != b.SizeOrType {
		return c.differ(describeType(a), describeType(b))
	}
	switch a.Kind {
	case rawbtf.KindInt:
		ea, oa, na := a.Int()
		eb, ob, nb := b.Int()
		const told = rawbtf.IntSigned | rawbtf.IntBool // GCC says char besides, which no kernel takes
		switch {
		case (ea^eb)&told != 0:
			return c.differ(signed(ea)+describeType(a), signed(eb)+describeType(b))
		case oa != ob || na != nb:
			return c.differ(fmt.Sprintf("%s, bits %d to %d", describeType(a), oa, oa+na), fmt.Sprintf("%s, bits %d to %d", describeType(b), ob, ob+nb))
		}
	case rawbtf.KindArray:
		ea, _, na := a.Array()
		eb, _, nb := b.Array()
		if na != nb {
			return c.differ(fmt.Sprintf("an array of %d", na), fmt.Sprintf("an array of %d", nb))
		}
		return c.equal(ea, eb)
	case rawbtf.KindPtr:
		pa, pb := c.old.Underlying(a.SizeOrType), c.new.Underlying(b.SizeOrType)
		if pa.Kind != pb.Kind || pa.Name() != pb.Name() {
			return c.differ("a pointer to "+describeType(pa), "a pointer to "+describeType(pb))
		}
	case rawbtf.KindStruct, rawbtf.KindUnion:
		return c.members(a, b)
	}
	return true
}

func (c *typeComparison) members(a, b rawbtf.Type) bool {
	for i := range max(a.Vlen, b.Vlen) {
		switch {
		case i >= a.Vlen:
			return c.differ(describeType(a)+" without "+c.new.Name(b.Member(i).NameOff), "with it")
		case i >= b.Vlen:
			return c.differ(describeType(a)+" with "+c.old.Name(a.Member(i).NameOff), "without it")
		}
		ma, mb := a.Member(i), b.Member(i)
		na, nb := c.old.Name(ma.NameOff), c.new.Name(mb.NameOff)
		if na != nb || ma.BitOffset != mb.BitOffset || ma.BitSize != mb.BitSize {
			return c.differ(fmt.Sprintf("%s with %s at bit %d", describeType(a), na, ma.BitOffset), fmt.Sprintf("with %s at bit %d", nb, mb.BitOffset))
		}
		if na != "" {
			c.path = append(c.path, na)
		}
		if !c.equal(ma.Type, mb.Type) {
			return false
		}
		if na != "" {
			c.path = c.path[:len(c.path)-1]
		}
	}
	return true
}

// sized says whether SizeOrType is a size.
func sized(k rawbtf.Kind) bool {
	switch k {
	case rawbtf.KindInt, rawbtf.KindStruct, rawbtf.KindUnion, rawbtf.KindEnum, rawbtf.KindEnum64, rawbtf.KindFloat:
		return true
	}
	return false
}

// signed says what tells integers of one size apart.
func signed(encoding uint8) string {
	switch {
	case encoding&rawbtf.IntBool != 0:
		return "bool "
	case encoding&rawbtf.IntSigned != 0:
		return "signed "
	}
	return "unsigned "
}

func describeType(t rawbtf.Type) string {
	s := t.Kind.String()
	switch name := t.Name(); {
	case name != "" && (t.Kind == rawbtf.KindInt || t.Kind == rawbtf.KindFloat):
		s = name
	case name != "":
		s += " " + name
	}
	if sized(t.Kind) {
		s += fmt.Sprintf(" of %d bytes", t.SizeOrType)
	}
	return s
}

// SameTypes says whether the key and value types that two objects give the map of
// that name are the same. A map without types is the same as any other.
func SameTypes(old, new *Object, name string) bool {
	a, b := old.Map(name), new.Map(name)
	if a == nil || b == nil || old.types == nil || new.types == nil {
		return true
	}
	for _, ids := range [][2]rawbtf.ID{{a.KeyType, b.KeyType}, {a.ValueType, b.ValueType}} {
		c := typeComparison{old: old.types, new: new.types, seen: make(map[[2]rawbtf.ID]bool)}
		if ids[0] != 0 && ids[1] != 0 && !c.equal(ids[0], ids[1]) {
			return false
		}
	}
	return true
}
