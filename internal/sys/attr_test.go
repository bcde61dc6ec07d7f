// SPDX-License-Identifier: MIT

package sys

import (
	"testing"
	"unsafe"
)

// Offsets within union bpf_attr and the info structs, from include/uapi/linux/bpf.h.
func TestLayout(t *testing.T) {
	var (
		m     MapCreate
		p     ProgLoad
		b     BTFLoad
		o     ObjPin
		e     MapUpdate
		batch MapUpdateBatch
		info  ObjInfo
		mi    MapInfo
		pi    ProgInfo
		bi    BTFInfo
		li    LinkInfo
		link  LinkCreate
		multi LinkUprobeMulti
		trace LinkTracingMulti
	)
	for name, tc := range map[string]struct{ got, want uintptr }{
		"MapCreate.NUMANode":     {unsafe.Offsetof(m.NUMANode), 24},
		"MapCreate.MapName":      {unsafe.Offsetof(m.MapName), 28},
		"MapCreate.BTFFD":        {unsafe.Offsetof(m.BTFFD), 48},
		"MapCreate.MapExtra":     {unsafe.Offsetof(m.MapExtra), 64},
		"MapCreate.MapTokenFD":   {unsafe.Offsetof(m.MapTokenFD), 76},
		"MapCreate":              {unsafe.Sizeof(m), 80},
		"ProgLoad.Insns":         {unsafe.Offsetof(p.Insns), 8},
		"ProgLoad.License":       {unsafe.Offsetof(p.License), 16},
		"ProgLoad.LogBuf":        {unsafe.Offsetof(p.LogBuf), 32},
		"ProgLoad.ProgName":      {unsafe.Offsetof(p.ProgName), 48},
		"ProgLoad.FuncInfo":      {unsafe.Offsetof(p.FuncInfo), 80},
		"ProgLoad.LineInfo":      {unsafe.Offsetof(p.LineInfo), 96},
		"ProgLoad.AttachBTFID":   {unsafe.Offsetof(p.AttachBTFID), 108},
		"ProgLoad.FDArray":       {unsafe.Offsetof(p.FDArray), 120},
		"ProgLoad.CoreRelos":     {unsafe.Offsetof(p.CoreRelos), 128},
		"ProgLoad.LogTrueSize":   {unsafe.Offsetof(p.LogTrueSize), 140},
		"ProgLoad.ProgTokenFD":   {unsafe.Offsetof(p.ProgTokenFD), 144},
		"ProgLoad":               {unsafe.Sizeof(p), 152},
		"BTFLoad.BTFSize":        {unsafe.Offsetof(b.BTFSize), 16},
		"BTFLoad.BTFTokenFD":     {unsafe.Offsetof(b.BTFTokenFD), 36},
		"ObjPin.BPFFD":           {unsafe.Offsetof(o.BPFFD), 8},
		"ObjPin.PathFD":          {unsafe.Offsetof(o.PathFD), 16},
		"MapUpdate.Key":          {unsafe.Offsetof(e.Key), 8},
		"MapUpdate.Flags":        {unsafe.Offsetof(e.Flags), 24},
		"MapUpdateBatch.Count":   {unsafe.Offsetof(batch.Count), 32},
		"MapUpdateBatch.Flags":   {unsafe.Offsetof(batch.Flags), 48},
		"ObjInfo.Info":           {unsafe.Offsetof(info.Info), 8},
		"MapInfo.BTFID":          {unsafe.Offsetof(mi.BTFID), 64},
		"MapInfo.MapExtra":       {unsafe.Offsetof(mi.MapExtra), 80},
		"ProgInfo.MapIDs":        {unsafe.Offsetof(pi.MapIDs), 56},
		"ProgInfo.BTFID":         {unsafe.Offsetof(pi.BTFID), 128},
		"ProgInfo.RunTimeNs":     {unsafe.Offsetof(pi.RunTimeNs), 192},
		"ProgInfo.VerifiedInsns": {unsafe.Offsetof(pi.VerifiedInsns), 216},
		"BTFInfo.Name":           {unsafe.Offsetof(bi.Name), 16},
		"BTFInfo.KernelBTF":      {unsafe.Offsetof(bi.KernelBTF), 28},
		"LinkInfo.Extra":         {unsafe.Offsetof(li.Extra), 16},
		"LinkCreate.AttachType":  {unsafe.Offsetof(link.AttachType), 8},
		"LinkUprobeMulti.Path":   {unsafe.Offsetof(multi.Path), 16},
		"LinkUprobeMulti.PID":    {unsafe.Offsetof(multi.PID), 56},
		"LinkTracingMulti.Count": {unsafe.Offsetof(trace.Count), 32},
		"Pointer":                {unsafe.Sizeof(Pointer{}), 8},
	} {
		if tc.got != tc.want {
			t.Errorf("%s is at, or takes, %d bytes, want %d", name, tc.got, tc.want)
		}
	}
}

func TestNewName(t *testing.T) {
	for in, want := range map[string]string{
		"flows":                   "flows",
		".rodata":                 ".rodata",
		"a_name_that_is_too_long": "a_name_that_is_",
		"with space/slash":        "with_space_slas",
		"":                        "",
	} {
		if got := NewName(in).String(); got != want {
			t.Errorf("NewName(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestPointer(t *testing.T) {
	if !Bytes(nil).IsNil() || Bytes(nil).Peek(4) != nil || Bytes(nil).String() != "" {
		t.Error("a pointer to nothing points somewhere")
	}
	if got := CString("bpf").String(); got != "bpf" {
		t.Errorf("got %q", got)
	}
	n := int32(7)
	if got := *As[int32](Of(&n)); got != 7 {
		t.Errorf("got %d", got)
	}
}

func TestCmdNames(t *testing.T) {
	if got := CmdOf(&MapUpdateBatch{}).String(); got != "MAP_UPDATE_BATCH" {
		t.Errorf("got %q", got)
	}
	if got := Cmd(99).String(); got != "BPF(99)" {
		t.Errorf("got %q", got)
	}
}
