// SPDX-License-Identifier: MIT

package sys

import "unsafe"

// An Attr is the attribute of one bpf(2) command: a pointer to one of this
// package's structs, each laid out as the anonymous struct of that command in
// union bpf_attr. Fields that a kernel does not know must be zero for it.
type Attr interface {
	call() (Cmd, unsafe.Pointer, uintptr)
}

// CmdOf returns the command that an attribute belongs to.
func CmdOf(a Attr) Cmd {
	cmd, _, _ := a.call()
	return cmd
}

// A Name is the name of a kernel object: at most 15 bytes, then NULs.
type Name [16]byte

// NewName cuts s to what fits and replaces what the kernel refuses.
func NewName(s string) Name {
	var n Name
	for i := 0; i < len(s) && i < len(n)-1; i++ {
		c := s[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '_', c == '.':
		default:
			c = '_'
		}
		n[i] = c
	}
	return n
}

// String returns the name without its padding.
func (n Name) String() string {
	for i, c := range n {
		if c == 0 {
			return string(n[:i])
		}
	}
	return string(n[:])
}

// MapCreate is the attribute of BPF_MAP_CREATE.
type MapCreate struct {
	MapType               uint32
	KeySize               uint32
	ValueSize             uint32
	MaxEntries            uint32
	MapFlags              uint32
	InnerMapFD            uint32
	NUMANode              uint32
	MapName               Name
	MapIfindex            uint32
	BTFFD                 uint32
	BTFKeyTypeID          uint32
	BTFValueTypeID        uint32
	BTFVmlinuxValueTypeID uint32
	MapExtra              uint64
	ValueTypeBTFObjFD     int32
	MapTokenFD            int32
}

// ProgLoad is the attribute of BPF_PROG_LOAD.
type ProgLoad struct {
	ProgType           uint32
	InsnCnt            uint32
	Insns              Pointer
	License            Pointer
	LogLevel           uint32
	LogSize            uint32
	LogBuf             Pointer
	KernVersion        uint32
	ProgFlags          uint32
	ProgName           Name
	ProgIfindex        uint32
	ExpectedAttachType uint32
	ProgBTFFD          uint32
	FuncInfoRecSize    uint32
	FuncInfo           Pointer
	FuncInfoCnt        uint32
	LineInfoRecSize    uint32
	LineInfo           Pointer
	LineInfoCnt        uint32
	AttachBTFID        uint32
	AttachBTFObjFD     uint32 // or attach_prog_fd
	CoreReloCnt        uint32
	FDArray            Pointer
	CoreRelos          Pointer
	CoreReloRecSize    uint32
	LogTrueSize        uint32 // written by the kernel since 6.4
	ProgTokenFD        int32
	FDArrayCnt         uint32
}

// BTFLoad is the attribute of BPF_BTF_LOAD.
type BTFLoad struct {
	BTF            Pointer
	BTFLogBuf      Pointer
	BTFSize        uint32
	BTFLogSize     uint32
	BTFLogLevel    uint32
	BTFLogTrueSize uint32
	BTFFlags       uint32
	BTFTokenFD     int32
}

// ObjPin is the attribute of BPF_OBJ_PIN.
type ObjPin struct{ Obj }

// ObjGet is the attribute of BPF_OBJ_GET.
type ObjGet struct{ Obj }

// Obj is what pinning and getting have in common.
type Obj struct {
	Pathname  Pointer
	BPFFD     uint32
	FileFlags uint32
	PathFD    int32
	_         uint32
}

// Elem is what the commands on one element of a map have in common.
type Elem struct {
	MapFD uint32
	_     uint32
	Key   Pointer
	Value Pointer // of MapNextKey, where the next key goes
	Flags uint64
}

// MapLookup is the attribute of BPF_MAP_LOOKUP_ELEM.
type MapLookup struct{ Elem }

// MapUpdate is the attribute of BPF_MAP_UPDATE_ELEM.
type MapUpdate struct{ Elem }

// MapDelete is the attribute of BPF_MAP_DELETE_ELEM.
type MapDelete struct{ Elem }

// MapNextKey is the attribute of BPF_MAP_GET_NEXT_KEY.
type MapNextKey struct{ Elem }

// MapLookupAndDelete is the attribute of BPF_MAP_LOOKUP_AND_DELETE_ELEM.
type MapLookupAndDelete struct{ Elem }

// Batch is what the commands on many elements of a map have in common.
type Batch struct {
	InBatch   Pointer
	OutBatch  Pointer
	Keys      Pointer
	Values    Pointer
	Count     uint32 // given and, by the kernel, done
	MapFD     uint32
	ElemFlags uint64
	Flags     uint64
}

// MapLookupBatch is the attribute of BPF_MAP_LOOKUP_BATCH.
type MapLookupBatch struct{ Batch }

// MapLookupAndDeleteBatch is the attribute of BPF_MAP_LOOKUP_AND_DELETE_BATCH.
type MapLookupAndDeleteBatch struct{ Batch }

// MapUpdateBatch is the attribute of BPF_MAP_UPDATE_BATCH.
type MapUpdateBatch struct{ Batch }

// MapDeleteBatch is the attribute of BPF_MAP_DELETE_BATCH.
type MapDeleteBatch struct{ Batch }

// MapFreeze is the attribute of BPF_MAP_FREEZE.
type MapFreeze struct{ MapFD uint32 }

// ObjInfo is the attribute of BPF_OBJ_GET_INFO_BY_FD.
type ObjInfo struct {
	FD      uint32
	InfoLen uint32
	Info    Pointer
}

// ID is what the commands on ids have in common: the id, or where to start, and,
// by the kernel, the next.
type ID struct {
	ID        uint32
	NextID    uint32
	OpenFlags uint32
	TokenFD   int32
}

// ProgByID is the attribute of BPF_PROG_GET_FD_BY_ID.
type ProgByID struct{ ID }

// MapByID is the attribute of BPF_MAP_GET_FD_BY_ID.
type MapByID struct{ ID }

// BTFByID is the attribute of BPF_BTF_GET_FD_BY_ID.
type BTFByID struct{ ID }

// BTFNextID is the attribute of BPF_BTF_GET_NEXT_ID.
type BTFNextID struct{ ID }

// LinkCreate is the attribute of BPF_LINK_CREATE, without what only some kinds of
// link add.
type LinkCreate struct {
	ProgFD     uint32 // or the fd of a struct_ops map
	TargetFD   uint32 // or ifindex
	AttachType uint32
	Flags      uint32
}

// LinkUprobeMulti is the attribute of BPF_LINK_CREATE for probes on many places of a
// file.
type LinkUprobeMulti struct {
	LinkCreate
	Path          Pointer
	Offsets       Pointer // of Count places in the file
	RefCtrOffsets Pointer
	Cookies       Pointer
	Count         uint32
	MultiFlags    uint32
	PID           uint32
}

// LinkTracingMulti is the attribute of BPF_LINK_CREATE for fentry and fexit programs of
// many functions.
type LinkTracingMulti struct {
	LinkCreate
	IDs     Pointer // of Count BTF types, each a function
	Cookies Pointer
	Count   uint32
}

// LinkUpdate is the attribute of BPF_LINK_UPDATE.
type LinkUpdate struct {
	LinkFD uint32
	NewFD  uint32 // of a program or struct_ops map
	Flags  uint32
	OldFD  uint32
}

// LinkDetach is the attribute of BPF_LINK_DETACH.
type LinkDetach struct{ LinkFD uint32 }

// ProgBindMap is the attribute of BPF_PROG_BIND_MAP.
type ProgBindMap struct {
	ProgFD uint32
	MapFD  uint32
	Flags  uint32
}

// TokenCreate is the attribute of BPF_TOKEN_CREATE.
type TokenCreate struct {
	Flags   uint32
	BPFFSFD uint32
}
