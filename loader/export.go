// SPDX-License-Identifier: MIT

package loader

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/btf"

	"github.com/bpfload/bpfload/spec"
)

// A Loss is something that github.com/cilium/ebpf's form of an object cannot say.
type Loss struct {
	// Map or Program is what it concerns; both are empty where it is the
	// object as a whole.
	Map, Program string
	// Left says that the map or program was left out of the collection, not
	// only described with less.
	Left   bool
	Reason string
}

// String formats the loss as one line.
func (l Loss) String() string {
	what := "object"
	switch {
	case l.Map != "":
		what = fmt.Sprintf("map %q", l.Map)
	case l.Program != "":
		what = fmt.Sprintf("program %q", l.Program)
	}
	if l.Left {
		return what + " is left out: " + l.Reason
	}
	return what + ": " + l.Reason
}

// CollectionSpec returns the object in the form that github.com/cilium/ebpf's own
// loader takes, and what that form cannot say, maps first, in file order. The
// collection does not share memory with the object.
func (o *Object) CollectionSpec() (*ebpf.CollectionSpec, []Loss) {
	x := exporter{o: o, out: &ebpf.CollectionSpec{
		Maps:      make(map[string]*ebpf.MapSpec),
		Programs:  make(map[string]*ebpf.ProgramSpec),
		Variables: make(map[string]*ebpf.VariableSpec),
		ByteOrder: o.file.ByteOrder(),
	}}
	x.loadTypes()
	first := len(x.losses)
	for _, p := range o.Programs {
		x.exportProgram(p)
	}
	programs := slices.Clone(x.losses[first:])
	x.losses = x.losses[:first]
	for _, m := range o.Maps {
		x.exportMap(m)
	}
	x.exportVariables()
	return x.out, append(x.losses, programs...)
}

type exporter struct {
	o      *Object
	out    *ebpf.CollectionSpec
	types  *btf.Spec
	ext    *btf.ExtInfos
	losses []Loss
}

// loadTypes reads the object's BTF once more, as cilium/ebpf has it.
func (x *exporter) loadTypes() {
	if x.o.types == nil {
		return
	}
	types, ext, err := btf.LoadSpecAndExtInfosFromReader(bytes.NewReader(x.o.data))
	if err != nil {
		x.lose(Loss{Reason: "its types: " + err.Error()})
		return
	}
	x.types, x.ext, x.out.Types = types, ext, types
}

func (x *exporter) lose(l Loss) { x.losses = append(x.losses, l) }

func (x *exporter) exportMap(m *spec.Map) {
	leave := func(reason string) { x.lose(Loss{Map: m.Name, Left: true, Reason: reason}) }
	less := func(format string, args ...any) { x.lose(Loss{Map: m.Name, Reason: fmt.Sprintf(format, args...)}) }
	switch m.Origin {
	case spec.OriginStructOps:
		leave("programs of struct_ops are told apart by type and member there, so that two variables of one type would mix")
		return
	case spec.OriginKconfig:
		leave("the values of the kernel's configuration are filled in by unexported metadata")
		return
	case spec.OriginArena:
		leave("initial contents of an arena are not known there")
		return
	}
	if x.out.Maps[m.Name] != nil {
		leave("another map has the same name")
		return
	}
	s := x.mapSpec(m)
	switch m.Pinning {
	case spec.PinNone:
	case spec.PinByName:
		s.Pinning = ebpf.PinByName
	default:
		less("pinning %q", m.Pinning)
	}
	if m.PinPath != "" {
		less("the path of its pin, %s", m.PinPath)
	}
	if m.Ifindex != 0 {
		less("offload to interface %d", m.Ifindex)
	}
	if m.NoCreate {
		less("that it is not to be created unless asked for")
	}
	if (m.Type == ebpf.RingBuf || m.Type == ebpf.UserRingbuf) && m.MaxEntries != ringSize(m.MaxEntries, 4096) {
		less("max_entries %d is not rounded up to whole pages", m.MaxEntries)
	}
	if m.Origin == spec.OriginData {
		s.Contents = []ebpf.MapKV{{Key: uint32(0), Value: x.image(m)}}
	}
	for _, v := range m.Values {
		target := v.Map
		if v.Program != "" {
			target = v.Program
			if x.out.Programs[target] == nil {
				less("slot %d, whose program %q is left out", v.Index, target)
				continue
			}
		}
		s.Contents = append(s.Contents, ebpf.MapKV{Key: v.Index, Value: target})
	}
	x.out.Maps[m.Name] = s
}

// mapSpec is what a map and an inner map have in common.
func (x *exporter) mapSpec(m *spec.Map) *ebpf.MapSpec {
	s := &ebpf.MapSpec{
		Name: m.Name, Type: m.Type, KeySize: m.KeySize, ValueSize: m.ValueSize, MaxEntries: m.MaxEntries,
		Flags: m.Flags, NumaNode: m.NUMANode, MapExtra: m.Extra,
		Key: x.typeByID(m.KeyType), Value: x.typeByID(m.ValueType),
	}
	switch m.Type {
	case ebpf.RingBuf, ebpf.UserRingbuf:
		s.KeySize, s.ValueSize, s.Key, s.Value = 0, 0, nil, nil
	case ebpf.PerfEventArray:
		s.KeySize, s.ValueSize, s.Key, s.Value = 4, 4, nil, nil
	}
	if m.Inner != nil {
		s.InnerMap = x.mapSpec(m.Inner)
	}
	return s
}

func (x *exporter) typeByID(id uint32) btf.Type {
	if x.types == nil || id == 0 {
		return nil
	}
	t, err := x.types.TypeByID(btf.TypeID(id))
	if err != nil {
		return nil
	}
	return t
}

// image is a copy of a data map's contents.
func (x *exporter) image(m *spec.Map) []byte {
	b := make([]byte, m.ValueSize)
	copy(b, x.o.contents(m))
	return b
}

func (x *exporter) exportVariables() {
	for _, v := range x.o.Variables {
		m := x.out.Maps[v.Map.Name]
		if m == nil || v.Static || x.out.Variables[v.Name] != nil {
			continue
		}
		image := m.Contents[0].Value.([]byte)
		if v.Offset+v.Size > uint64(len(image)) {
			continue
		}
		s := &ebpf.VariableSpec{Name: v.Name, SectionName: v.Section, Offset: uint32(v.Offset), Value: image[v.Offset : v.Offset+v.Size]}
		if t := x.typeByID(v.Type); t != nil {
			s.Type = &btf.Var{Name: v.Name, Type: t, Linkage: btf.GlobalVar}
		}
		x.out.Variables[v.Name] = s
	}
}
