// SPDX-License-Identifier: MIT

package sys

import "unsafe"

func call[T any](cmd Cmd, p *T) (Cmd, unsafe.Pointer, uintptr) {
	return cmd, unsafe.Pointer(p), unsafe.Sizeof(*p)
}

func (a *MapCreate) call() (Cmd, unsafe.Pointer, uintptr)  { return call(CmdMapCreate, a) }
func (a *ProgLoad) call() (Cmd, unsafe.Pointer, uintptr)   { return call(CmdProgLoad, a) }
func (a *BTFLoad) call() (Cmd, unsafe.Pointer, uintptr)    { return call(CmdBTFLoad, a) }
func (a *ObjPin) call() (Cmd, unsafe.Pointer, uintptr)     { return call(CmdObjPin, a) }
func (a *ObjGet) call() (Cmd, unsafe.Pointer, uintptr)     { return call(CmdObjGet, a) }
func (a *MapLookup) call() (Cmd, unsafe.Pointer, uintptr)  { return call(CmdMapLookupElem, a) }
func (a *MapUpdate) call() (Cmd, unsafe.Pointer, uintptr)  { return call(CmdMapUpdateElem, a) }
func (a *MapDelete) call() (Cmd, unsafe.Pointer, uintptr)  { return call(CmdMapDeleteElem, a) }
func (a *MapNextKey) call() (Cmd, unsafe.Pointer, uintptr) { return call(CmdMapGetNextKey, a) }
func (a *MapLookupAndDelete) call() (Cmd, unsafe.Pointer, uintptr) {
	return call(CmdMapLookupAndDeleteElem, a)
}
func (a *MapLookupBatch) call() (Cmd, unsafe.Pointer, uintptr) { return call(CmdMapLookupBatch, a) }
func (a *MapLookupAndDeleteBatch) call() (Cmd, unsafe.Pointer, uintptr) {
	return call(CmdMapLookupAndDelBatch, a)
}
func (a *MapUpdateBatch) call() (Cmd, unsafe.Pointer, uintptr)   { return call(CmdMapUpdateBatch, a) }
func (a *MapDeleteBatch) call() (Cmd, unsafe.Pointer, uintptr)   { return call(CmdMapDeleteBatch, a) }
func (a *MapFreeze) call() (Cmd, unsafe.Pointer, uintptr)        { return call(CmdMapFreeze, a) }
func (a *ObjInfo) call() (Cmd, unsafe.Pointer, uintptr)          { return call(CmdObjGetInfoByFD, a) }
func (a *ProgByID) call() (Cmd, unsafe.Pointer, uintptr)         { return call(CmdProgGetFDByID, a) }
func (a *MapByID) call() (Cmd, unsafe.Pointer, uintptr)          { return call(CmdMapGetFDByID, a) }
func (a *BTFByID) call() (Cmd, unsafe.Pointer, uintptr)          { return call(CmdBTFGetFDByID, a) }
func (a *BTFNextID) call() (Cmd, unsafe.Pointer, uintptr)        { return call(CmdBTFGetNextID, a) }
func (a *LinkCreate) call() (Cmd, unsafe.Pointer, uintptr)       { return call(CmdLinkCreate, a) }
func (a *LinkUprobeMulti) call() (Cmd, unsafe.Pointer, uintptr)  { return call(CmdLinkCreate, a) }
func (a *LinkTracingMulti) call() (Cmd, unsafe.Pointer, uintptr) { return call(CmdLinkCreate, a) }
func (a *LinkUpdate) call() (Cmd, unsafe.Pointer, uintptr)       { return call(CmdLinkUpdate, a) }
func (a *LinkDetach) call() (Cmd, unsafe.Pointer, uintptr)       { return call(CmdLinkDetach, a) }
func (a *ProgBindMap) call() (Cmd, unsafe.Pointer, uintptr)      { return call(CmdProgBindMap, a) }
func (a *TokenCreate) call() (Cmd, unsafe.Pointer, uintptr)      { return call(CmdTokenCreate, a) }
