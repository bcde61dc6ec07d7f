// SPDX-License-Identifier: MIT

package attach

import (
	"errors"
	"slices"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/link"

	"github.com/bpfload/bpfload/internal/kernel"
	"github.com/bpfload/bpfload/internal/sys"
	"github.com/bpfload/bpfload/loader"
	"github.com/bpfload/bpfload/rawbtf"
	"github.com/bpfload/bpfload/spec"
)

// tracingMulti has the attach types of programs for many functions, and
// tracingMultiNames what their sections begin with.
var tracingMulti = []ebpf.AttachType{spec.AttachTraceFEntryMulti, spec.AttachTraceFExitMulti, spec.AttachTraceFSessionMulti}

var tracingMultiNames = []string{"fentry.multi", "fexit.multi", "fsession.multi"}

// parseTracingMulti makes the target of fentry and fexit programs for all functions
// that match a pattern.
func parseTracingMulti(t *Target) (attacher, error) {
	pattern, name := t.Place, t.Kind
	i := slices.Index(tracingMultiNames, name)
	return func(p *Program) ([]Link, error) {
		if at, known := p.attachType(); known && at != tracingMulti[i] {
			return nil, usage("the program was not loaded for many functions (%s): its section is to begin with %s", spec.AttachTypeName(at), name)
		}
		ids, err := traceable(pattern)
		if err != nil {
			return nil, err
		}
		fd, err := sys.Host{}.BPF(&sys.LinkTracingMulti{
			LinkCreate: sys.LinkCreate{ProgFD: uint32(p.FD()), AttachType: uint32(tracingMulti[i])},
			IDs:        sys.Slice(ids), Count: uint32(len(ids)),
		})
		if err != nil {
			return nil, err
		}
		return one(link.NewFromFD(fd))
	}, nil
}

// traceable lists the types of the kernel's functions that match a pattern and that a
// program can be attached to by their type.
func traceable(pattern string) ([]uint32, error) {
	types, err := kernel.Running().Types()
	if err != nil {
		return nil, err
	}
	vmlinux := types.Vmlinux()
	if vmlinux == nil {
		return nil, &needBTF
	}
	known := make(map[string]bool)
	if err := probeable(func(name string) { known[name] = true }); err != nil {
		return nil, err
	}
	var ids []uint32
	for t := range vmlinux.All {
		if t.Kind == rawbtf.KindFunc && match(pattern, t.Name()) && known[t.Name()] && passable(vmlinux, t) {
			ids = append(ids, uint32(t.ID))
			known[t.Name()] = false // the first of its name
		}
	}
	if len(ids) == 0 {
		return nil, notFound("no function of the kernel that can be traced matches %q", pattern)
	}
	return ids, nil
}

// passable says whether a trampoline can pass a function's arguments on: at most 12, of
// no more than 16 bytes each, and no list of any length; and a result of a word.
func passable(s *rawbtf.Spec, function rawbtf.Type) bool {
	proto := s.Type(rawbtf.ID(function.SizeOrType))
	if proto.Kind != rawbtf.KindFuncProto || proto.Vlen > 12 {
		return false
	}
	result := s.Underlying(rawbtf.ID(proto.SizeOrType))
	if _, ok := wordSize(result); !ok || result.Kind == rawbtf.KindStruct || result.Kind == rawbtf.KindUnion {
		return false
	}
	for i := range proto.Vlen {
		_, typ := proto.Param(i)
		if size, ok := wordSize(s.Underlying(typ)); !ok || size == 0 || size > 16 {
			return false
		}
	}
	return true
}

// wordSize returns the size of what can stand in registers; 0 for void.
func wordSize(t rawbtf.Type) (uint64, bool) {
	switch t.Kind {
	case rawbtf.KindVoid:
		return 0, true
	case rawbtf.KindPtr:
		return 8, true
	case rawbtf.KindInt, rawbtf.KindEnum, rawbtf.KindEnum64, rawbtf.KindStruct, rawbtf.KindUnion:
		return uint64(t.SizeOrType), true
	}
	return 0, false
}

// needBTF is the error of a kernel that says nothing of its functions.
var needBTF = loader.Error{Class: loader.ClassNoKernelBTF, Code: "kernel-btf", Err: errors.New("the kernel has no BTF, which functions are looked up in"),
	Advice: "run a kernel that was built with CONFIG_DEBUG_INFO_BTF"}
