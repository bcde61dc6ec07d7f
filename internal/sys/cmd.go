// SPDX-License-Identifier: MIT

package sys

import "fmt"

// A Cmd is the first argument of bpf(2), enum bpf_cmd.
type Cmd uint32

// The commands that this project issues.
const (
	CmdMapCreate              Cmd = 0
	CmdMapLookupElem          Cmd = 1
	CmdMapUpdateElem          Cmd = 2
	CmdMapDeleteElem          Cmd = 3
	CmdMapGetNextKey          Cmd = 4
	CmdProgLoad               Cmd = 5
	CmdObjPin                 Cmd = 6
	CmdObjGet                 Cmd = 7
	CmdProgGetNextID          Cmd = 11
	CmdMapGetNextID           Cmd = 12
	CmdProgGetFDByID          Cmd = 13
	CmdMapGetFDByID           Cmd = 14
	CmdObjGetInfoByFD         Cmd = 15
	CmdBTFLoad                Cmd = 18
	CmdBTFGetFDByID           Cmd = 19
	CmdMapLookupAndDeleteElem Cmd = 21
	CmdMapFreeze              Cmd = 22
	CmdBTFGetNextID           Cmd = 23
	CmdMapLookupBatch         Cmd = 24
	CmdMapLookupAndDelBatch   Cmd = 25
	CmdMapUpdateBatch         Cmd = 26
	CmdMapDeleteBatch         Cmd = 27
	CmdLinkCreate             Cmd = 28
	CmdLinkUpdate             Cmd = 29
	CmdLinkGetFDByID          Cmd = 30
	CmdLinkGetNextID          Cmd = 31
	CmdLinkDetach             Cmd = 34
	CmdProgBindMap            Cmd = 35
	CmdTokenCreate            Cmd = 36
)

var cmdNames = map[Cmd]string{
	CmdMapCreate:              "MAP_CREATE",
	CmdMapLookupElem:          "MAP_LOOKUP_ELEM",
	CmdMapUpdateElem:          "MAP_UPDATE_ELEM",
	CmdMapDeleteElem:          "MAP_DELETE_ELEM",
	CmdMapGetNextKey:          "MAP_GET_NEXT_KEY",
	CmdProgLoad:               "PROG_LOAD",
	CmdObjPin:                 "OBJ_PIN",
	CmdObjGet:                 "OBJ_GET",
	CmdProgGetNextID:          "PROG_GET_NEXT_ID",
	CmdMapGetNextID:           "MAP_GET_NEXT_ID",
	CmdProgGetFDByID:          "PROG_GET_FD_BY_ID",
	CmdMapGetFDByID:           "MAP_GET_FD_BY_ID",
	CmdObjGetInfoByFD:         "OBJ_GET_INFO_BY_FD",
	CmdBTFLoad:                "BTF_LOAD",
	CmdBTFGetFDByID:           "BTF_GET_FD_BY_ID",
	CmdMapLookupAndDeleteElem: "MAP_LOOKUP_AND_DELETE_ELEM",
	CmdMapFreeze:              "MAP_FREEZE",
	CmdBTFGetNextID:           "BTF_GET_NEXT_ID",
	CmdMapLookupBatch:         "MAP_LOOKUP_BATCH",
	CmdMapLookupAndDelBatch:   "MAP_LOOKUP_AND_DELETE_BATCH",
	CmdMapUpdateBatch:         "MAP_UPDATE_BATCH",
	CmdMapDeleteBatch:         "MAP_DELETE_BATCH",
	CmdLinkCreate:             "LINK_CREATE",
	CmdLinkUpdate:             "LINK_UPDATE",
	CmdLinkGetFDByID:          "LINK_GET_FD_BY_ID",
	CmdLinkGetNextID:          "LINK_GET_NEXT_ID",
	CmdLinkDetach:             "LINK_DETACH",
	CmdProgBindMap:            "PROG_BIND_MAP",
	CmdTokenCreate:            "TOKEN_CREATE",
}

// String returns the kernel's name without the prefix BPF_.
func (c Cmd) String() string {
	if s, ok := cmdNames[c]; ok {
		return s
	}
	return fmt.Sprintf("BPF(%d)", uint32(c))
}
