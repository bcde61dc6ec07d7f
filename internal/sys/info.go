// SPDX-License-Identifier: MIT

package sys

import "unsafe"

// MapInfo is struct bpf_map_info.
type MapInfo struct {
	Type                  uint32
	ID                    uint32
	KeySize               uint32
	ValueSize             uint32
	MaxEntries            uint32
	MapFlags              uint32
	Name                  Name
	Ifindex               uint32
	BTFVmlinuxValueTypeID uint32
	NetnsDev              uint64
	NetnsIno              uint64
	BTFID                 uint32
	BTFKeyTypeID          uint32
	BTFValueTypeID        uint32
	BTFVmlinuxID          uint32
	MapExtra              uint64
}

// ProgInfo is struct bpf_prog_info. The counts say how many elements the
// pointers have room for and, from the kernel, how many there are.
type ProgInfo struct {
	Type                 uint32
	ID                   uint32
	Tag                  [8]byte
	JitedProgLen         uint32
	XlatedProgLen        uint32
	JitedProgInsns       Pointer
	XlatedProgInsns      Pointer
	LoadTime             uint64 // nanoseconds since boot
	CreatedByUID         uint32
	NrMapIDs             uint32
	MapIDs               Pointer
	Name                 Name
	Ifindex              uint32
	GPLCompatible        uint32 // one bit
	NetnsDev             uint64
	NetnsIno             uint64
	NrJitedKsyms         uint32
	NrJitedFuncLens      uint32
	JitedKsyms           Pointer
	JitedFuncLens        Pointer
	BTFID                uint32
	FuncInfoRecSize      uint32
	FuncInfo             Pointer
	NrFuncInfo           uint32
	NrLineInfo           uint32
	LineInfo             Pointer
	JitedLineInfo        Pointer
	NrJitedLineInfo      uint32
	LineInfoRecSize      uint32
	JitedLineInfoRecSize uint32
	NrProgTags           uint32
	ProgTags             Pointer
	RunTimeNs            uint64
	RunCnt               uint64
	RecursionMisses      uint64
	VerifiedInsns        uint32
	AttachBTFObjID       uint32
	AttachBTFID          uint32
	_                    uint32
}

// BTFInfo is struct bpf_btf_info.
type BTFInfo struct {
	BTF       Pointer
	BTFSize   uint32
	ID        uint32
	Name      Pointer
	NameLen   uint32
	KernelBTF uint32
}

// LinkInfo is the head of struct bpf_link_info.
type LinkInfo struct {
	Type   uint32
	ID     uint32
	ProgID uint32
	_      uint32
	Extra  [64]byte // by type
}

// Info fills in *info, a MapInfo, ProgInfo, BTFInfo or LinkInfo, for a descriptor.
func Info[T MapInfo | ProgInfo | BTFInfo | LinkInfo](k Kernel, fd int, info *T) error {
	_, err := k.BPF(&ObjInfo{FD: uint32(fd), InfoLen: uint32(unsafe.Sizeof(*info)), Info: Of(info)})
	return err
}
