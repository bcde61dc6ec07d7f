// SPDX-License-Identifier: MIT

package btfmaps_test

import (
	"testing"

	"github.com/bpfload/bpfload/btfmaps"
	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/rawbtf"
	"github.com/bpfload/bpfload/spec"
)

// object is an object with definitions in .maps.
type object struct {
	elftest.Object
	btf  elftest.BTF
	vars []rawbtf.VarSecinfo
	data []byte
	maps int // index of the section
}

// newObject returns an object whose .maps section has room for n definitions of
// 64 bytes.
func newObject(bigEndian bool, n int) *object {
	o := &object{Object: elftest.Object{BigEndian: bigEndian}, data: make([]byte, 64*n)}
	o.maps = o.Data(".maps", o.data)
	return o
}

// field makes a member, whose place in the struct follows from its place in the list.
func field(name string, typ rawbtf.ID) elftest.Member { return elftest.Member{Name: name, Type: typ} }

// structOf returns a struct type of pointer-sized members.
func (o *object) structOf(fields ...elftest.Member) rawbtf.ID {
	size := uint32(8 * len(fields))
	for i := range fields {
		fields[i].Bits = uint32(64 * i)
		if fields[i].Name == "values" {
			size -= 8
		}
	}
	return o.btf.Struct("", size, fields...)
}

// describe adds a BTF variable to the datasec, with a nonsensical offset.
func (o *object) describe(name string, typ rawbtf.ID, linkage rawbtf.Linkage) {
	v := o.btf.Var(name, typ, linkage)
	o.vars = append(o.vars, rawbtf.VarSecinfo{Type: v, Offset: 4, Size: 8})
}

// define adds a map of the given type at place i of the section.
func (o *object) define(i int, name string, typ rawbtf.ID) int {
	o.describe(name, typ, rawbtf.LinkageGlobal)
	return o.Object.Object(name, o.maps, uint64(64*i), 64)
}

// parse finishes the object.
func (o *object) parse(t testing.TB) (*elf.File, *rawbtf.Spec) {
	t.Helper()
	o.btf.Datasec(".maps", 0, o.vars...)
	f, err := elf.Parse(o.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	types, err := rawbtf.Parse(o.btf.Bytes(o.BigEndian), nil)
	if err != nil {
		t.Fatal(err)
	}
	return f, types
}

func (o *object) decode(t testing.TB, opts btfmaps.Options) ([]btfmaps.Definition, []spec.Warning, error) {
	t.Helper()
	f, types := o.parse(t)
	return btfmaps.Decode(f, types, opts)
}
