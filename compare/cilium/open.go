// SPDX-License-Identifier: MIT

package main

import (
	"maps"
	"slices"

	"github.com/cilium/ebpf"

	"github.com/bpfload/bpfload/compare/oracle"
)

func open(doc *oracle.Document) {
	spec := loadSpec(doc)
	if spec == nil {
		return
	}
	doc.Verdict = "ok"
	doc.Maps, doc.Programs, doc.Variables = []oracle.Map{}, []oracle.Program{}, []oracle.Variable{}
	for _, name := range slices.Sorted(maps.Keys(spec.Maps)) {
		doc.Maps = append(doc.Maps, describeMap(name, spec.Maps[name]))
	}
	for _, name := range slices.Sorted(maps.Keys(spec.Programs)) {
		prog := spec.Programs[name]
		doc.License, doc.KernelVersion = &prog.License, &prog.KernelVersion
		doc.Programs = append(doc.Programs, describeProgram(prog))
	}
	for _, name := range slices.Sorted(maps.Keys(spec.Variables)) {
		v := spec.Variables[name]
		doc.Variables = append(doc.Variables, oracle.Variable{
			Name: v.Name, Section: v.SectionName, Offset: v.Offset, Size: uint32(len(v.Value)),
		})
	}
}

// loadSpec returns nil after it noted in doc why the object does not open.
func loadSpec(doc *oracle.Document) *ebpf.CollectionSpec {
	spec, err := ebpf.LoadCollectionSpec(doc.File)
	if err != nil {
		doc.Verdict, doc.Phase, doc.Error = "error", "open", err.Error()
		return nil
	}
	return spec
}

func describeMap(name string, spec *ebpf.MapSpec) oracle.Map {
	m := oracle.Map{
		Name:       name,
		Type:       oracle.MapType(uint32(spec.Type)),
		TypeNumber: uint32(spec.Type),
		KeySize:    spec.KeySize,
		ValueSize:  spec.ValueSize,
		MaxEntries: spec.MaxEntries,
		MapFlags:   spec.Flags,
		MapExtra:   &spec.MapExtra,
		NumaNode:   &spec.NumaNode,
	}
	pinning := uint32(spec.Pinning)
	m.Pinning = &pinning
	if name[0] == '.' {
		m.Section = name
	}
	if spec.InnerMap != nil {
		inner := describeMap(spec.InnerMap.Name, spec.InnerMap)
		m.Inner = &inner
	}
	for _, kv := range spec.Contents {
		key, isIndex := kv.Key.(uint32)
		target, isName := kv.Value.(string)
		if isIndex && isName {
			m.Values = append(m.Values, oracle.Slot{Index: key, Name: target})
		}
	}
	return m
}

func describeProgram(spec *ebpf.ProgramSpec) oracle.Program {
	slots := 0
	for _, ins := range spec.Instructions {
		slots += int(ins.Size() / 8)
	}
	return oracle.Program{
		Name:       spec.Name,
		Section:    spec.SectionName,
		Type:       oracle.ProgramType(uint32(spec.Type)),
		AttachType: oracle.AttachType(uint32(spec.AttachType)),
		AttachTo:   spec.AttachTo,
		Insns:      slots,
	}
}
