// SPDX-License-Identifier: MIT

package loader

import (
	"context"
	"fmt"

	"github.com/cilium/ebpf"

	"github.com/bpfload/bpfload/internal/plain"
	"github.com/bpfload/bpfload/internal/sys"
	"github.com/bpfload/bpfload/spec"
)

// createMap makes a map exist: a new one, or one that is there already.
type createMap struct {
	index    int
	spec     *spec.Map
	name     string    // for the kernel
	given    *ebpf.Map // in its place, from the caller
	from     string    // in its place, from this pin
	pin      string    // where the object wants it pinned by name
	replaces bool      // a new map takes that pin over
}

func (op *createMap) step() Step {
	m := op.spec
	s := Step{Op: "create-map", Map: m.Name, Detail: describeMap(m)}
	switch {
	case op.given != nil:
		s.Op, s.Detail = "use-map", "given by the caller"
	case op.from != "":
		s.Op, s.Path, s.Detail = "use-map", op.from, ""
	case op.pin != "" && !op.replaces:
		s.Detail += fmt.Sprintf(", or what is pinned at %s", op.pin)
	}
	return s
}

func describeMap(m *spec.Map) string {
	s := fmt.Sprintf("%s, key %d, value %d, ", spec.MapTypeName(m.Type), m.KeySize, m.ValueSize)
	switch {
	case m.MaxEntries != 0:
		s += plain.Count(int(m.MaxEntries), "entry")
	case m.Type == ebpf.PerfEventArray || m.Type == ebpf.CPUMap:
		s += "an entry for each CPU"
	default:
		s += "no entries"
	}
	if m.Flags != 0 {
		s += fmt.Sprintf(", flags %#x", m.Flags)
	}
	if m.Extra != 0 {
		s += fmt.Sprintf(", extra %#x", m.Extra)
	}
	if m.Inner != nil {
		s += " of maps (" + describeMap(m.Inner) + ")"
	}
	return s
}

func (op *createMap) run(_ context.Context, l *load) error {
	if op.spec.Origin == spec.OriginStructOps && l.resolved.layouts[op.index] == nil {
		return nil // its programs are at fault
	}
	if r := op.spec.Legacy; r != nil && r.Gates != nil && l.gated(r.Gates, op.spec.Place, op.spec.Name) {
		return nil
	}
	if l.early == nil {
		l.createBig()
	}
	attr, err := mapAttr(op.spec, op.name, l.machine())
	if err != nil {
		return op.fail(l, "creating the map", err)
	}
	held := heldMap{held: true, attr: attr}
	found, err := op.existing(l, &held)
	if err != nil {
		return err
	}
	if !found {
		if held.fd, err = op.create(l, &held.attr); err != nil {
			if op.idle(l, err) {
				return nil
			}
			return err
		}
	}
	l.maps[op.index] = held
	if !held.borrowed {
		l.opened(held.fd)
	}
	if held.attr.MapType == uint32(ebpf.Arena) {
		return op.mapArena(l)
	}
	return nil
}

func (l *load) machine() machine {
	return machine{cpus: l.facts.PossibleCPUs, pageSize: uint32(l.facts.PageSize())}
}

// create makes a new map with the attributes that the definition asks for.
func (op *createMap) create(l *load, a *sys.MapCreate) (int, error) {
	l.describeTypes(a, op.spec)
	if op.spec.Origin == spec.OriginStructOps {
		l.structOpsAttr(op, a)
	}
	if isOuter(op.spec.Type) {
		fd, done, err := op.template(l)
		if err != nil {
			return -1, err
		}
		defer done()
		a.InnerMapFD = uint32(fd)
	}
	if fd, ok := l.takeEarly(op.index); ok {
		return fd, nil
	}
	fd, err := l.mapCreate(a, op.spec)
	a.InnerMapFD = 0
	if err != nil {
		return -1, op.fail(l, "creating the map", err)
	}
	return fd, nil
}

func isOuter(t ebpf.MapType) bool { return t == ebpf.ArrayOfMaps || t == ebpf.HashOfMaps }

// describeTypes adds the BTF types of key and value where the kernel wants them.
func (l *load) describeTypes(a *sys.MapCreate, m *spec.Map) {
	if l.btf < 0 {
		return
	}
	switch {
	case m.Origin == spec.OriginStructOps:
		a.BTFFD = uint32(l.btf)
	case describesValues(m.Type) && m.ValueType != 0:
		a.BTFFD, a.BTFKeyTypeID, a.BTFValueTypeID = uint32(l.btf), m.KeyType, m.ValueType
	}
}

// template returns a map that shows the kernel what a map of maps will hold: one
// that goes into it if that is made like the definition, otherwise one made for
// the purpose.
func (op *createMap) template(l *load) (fd int, done func(), err error) {
	inner := op.spec.Inner
	if inner == nil {
		return -1, nil, op.fail(l, "creating the map", fmt.Errorf("the definition does not say what the maps in it look like"))
	}
	a, err := mapAttr(inner, inner.Name, l.machine())
	if err != nil {
		return -1, nil, op.fail(l, "creating its inner map", err)
	}
	for _, v := range op.spec.Values {
		i := l.mapIndex(v.Map)
		if i < 0 || !l.maps[i].held {
			continue
		}
		t, have := l.o.Maps[i], &l.maps[i].attr
		if have.MapType == a.MapType && have.KeySize == a.KeySize && have.ValueSize == a.ValueSize && have.MaxEntries == a.MaxEntries &&
			have.MapFlags == a.MapFlags && t.KeyType == inner.KeyType && t.ValueType == inner.ValueType {
			return l.maps[i].fd, func() {}, nil
		}
		break
	}
	a = templateAttr(a)
	l.describeTypes(&a, inner)
	if fd, err = l.mapCreate(&a, inner); err != nil {
		return -1, nil, op.fail(l, "creating its inner map", err)
	}
	return fd, func() { l.k.Close(fd) }, nil
}

// mapIndex returns the place of the first map of that name, -1 if there is none.
func (l *load) mapIndex(name string) int {
	if i, ok := l.byName.find(len(l.o.Maps), func(i int) string { return l.o.Maps[i].Name }, name); ok {
		return i
	}
	return -1
}

// fail explains why a map could not be made.
func (op *createMap) fail(l *load, doing string, err error) error {
	e := &Error{Class: errnoClassOf(err), Code: "map-refused", Object: l.o.File, Map: op.spec.Name, Doing: doing, Err: err}
	l.explainMap(e, op.spec)
	return e
}
