// SPDX-License-Identifier: MIT

package loader

import (
	"slices"

	"github.com/bpfload/bpfload/internal/value"
	"github.com/bpfload/bpfload/rawbtf"
	"github.com/bpfload/bpfload/spec"
)

// A Variable is a global variable of an object, to be read and set before the
// object is loaded.
type Variable struct {
	spec.Variable
	o *Object
}

// Variable returns the first variable of that name, nil if there is none.
func (o *Object) Variable(name string) *Variable {
	for i := range o.Variables {
		if o.Variables[i].Name == name {
			return &Variable{o.Variables[i], o}
		}
	}
	return nil
}

// SetVariable sets a variable from text, as a command line gives it: see
// [Variable.SetText]. An unknown name brings the nearest one with the error.
func (o *Object) SetVariable(name, text string) error {
	v := o.Variable(name)
	if v == nil {
		return noSuch("variable", name, o.variableNames())
	}
	return v.SetText(text)
}

// maxImage bounds the section whose contents can be edited: a .bss of gigabytes is
// a number in the file, and stays one here.
const maxImage = 1 << 28

// bytes returns the variable's place in the initial contents, in a copy of the
// section if it is to be written.
func (v *Variable) bytes(write bool) ([]byte, error) {
	m := v.Map
	image := v.o.contents(m)
	if image == nil || write {
		if _, own := v.o.values[m]; !own {
			size := max(m.Place.Size, uint64(m.ValueSize))
			if size > maxImage {
				return nil, v.fail(usage("section %s takes %d bytes, which is too much to keep an image of", v.Section, size))
			}
			owned := make([]byte, size)
			copy(owned, image)
			image = owned
			if write {
				if v.o.values == nil {
					v.o.values = make(map[*spec.Map][]byte)
				}
				v.o.values[m] = image
			}
		}
	}
	end := v.Offset + v.Size
	if end < v.Offset || end > uint64(len(image)) {
		return nil, v.fail(usage("%d bytes at %#x are outside section %s", v.Size, v.Offset, v.Section))
	}
	return image[v.Offset:end:end], nil
}

func (v *Variable) fail(e *Error) *Error {
	e.Object, e.Code, e.Doing = v.o.File, "variable", "variable \""+v.Name+"\""
	return e
}

// Set gives the variable a value before the object is loaded: a bool, a number, a
// string for an array of char, a slice for an array, a map with string keys for a
// struct, an address, or the bytes as they are in memory. A number that does not
// fit the variable's type is an error.
func (v *Variable) Set(x any) error {
	return v.set(func(t rawbtf.ID, b []byte) error { return value.Encode(v.o.types, t, x, b) })
}

// SetText is Set for text: a number, true or false, the name of an enumerator,
// text for an array of char, an address, or JSON for arrays and structs.
func (v *Variable) SetText(text string) error {
	return v.set(func(t rawbtf.ID, b []byte) error { return value.ParseText(v.o.types, t, text, b) })
}

func (v *Variable) set(encode func(rawbtf.ID, []byte) error) error {
	b, err := v.bytes(true)
	if err != nil {
		return err
	}
	if err := encode(v.Type, b); err != nil {
		return v.fail(usage("%w", err))
	}
	return nil
}

// JSON returns the value as a JSON document.
func (v *Variable) JSON() ([]byte, error) {
	b, err := v.bytes(false)
	if err != nil {
		return nil, err
	}
	return value.Format(v.o.types, v.Type, b)
}

// Bytes returns a copy of the value as it is in memory.
func (v *Variable) Bytes() ([]byte, error) {
	b, err := v.bytes(false)
	return slices.Clone(b), err
}
