// SPDX-License-Identifier: MIT

package reloc_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/cilium/ebpf"

	"github.com/bpfload/bpfload/reloc"
	"github.com/bpfload/bpfload/spec"
)

// What compare/libbpf/dump prints of an object.
type dump struct {
	Verdict  string        `json:"verdict"`
	Programs []dumpProgram `json:"programs"`
}

type dumpProgram struct {
	Name       string `json:"name"`
	Section    string `json:"section"`
	Type       int    `json:"type_number"`
	AttachType int    `json:"attach_type_number"`
	Hex        string `json:"hex"`
	FuncInfos  int    `json:"func_infos"`
	LineInfos  int    `json:"line_infos"`
	Maps       []struct {
		Insn uint32 `json:"insn"`
		Map  string `json:"map"`
	} `json:"maps"`
}

// TestLinkAgainstLibbpf compares linked instructions with those that libbpf would
// hand to the kernel, for every object of a folder: BPFLOAD_OBJECTS names it, and
// BPFLOAD_LIBBPF the program dump that compare/libbpf/build makes.
func TestLinkAgainstLibbpf(t *testing.T) {
	folder, libbpf := os.Getenv("BPFLOAD_OBJECTS"), os.Getenv("BPFLOAD_LIBBPF")
	if folder == "" || libbpf == "" {
		t.Skip("BPFLOAD_OBJECTS and BPFLOAD_LIBBPF are not set")
	}
	objects, programs, insns := 0, 0, 0
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || filepath.Ext(path) != ".o" && filepath.Ext(path) != ".elf" {
			return err
		}
		var want dump
		if out, err := exec.Command(libbpf, "core", path).Output(); json.Unmarshal(out, &want) != nil {
			t.Logf("%s: no answer: %v", path, err)
			return nil
		}
		n, sum := compareObject(t, path, want)
		if n > 0 {
			objects++
		}
		programs, insns = programs+n, insns+sum
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d programs of %d objects, %d instructions", programs, objects, insns)
	if programs == 0 {
		t.Error("nothing was compared")
	}
}

// compareObject returns how many programs it compared, and their instructions.
func compareObject(t *testing.T, path string, want dump) (programs, insns int) {
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	o, err := open(data, reloc.Options{})
	if err != nil {
		if want.Verdict == "ok" {
			t.Errorf("%s: libbpf opens it, we: %v", path, err)
		}
		return 0, 0
	}
	list := o.linker.Programs()
	for _, w := range want.Programs {
		i := slices.IndexFunc(list, func(p *spec.Program) bool { return p.Name == w.Name })
		if i < 0 {
			t.Errorf("%s: no program %q", path, w.Name)
			continue
		}
		p := list[i]
		if p.Type == ebpf.StructOps {
			w.AttachType = 0 // a member's place in the kernel's struct, known when it is prepared
		}
		if w.Type != 0 && (int(p.Type) != w.Type || int(p.AttachType) != w.AttachType) || p.Section != strings.TrimPrefix(w.Section, "?") {
			t.Errorf("%s: %q: type %d/%d section %s, want %d/%d %s", path, p.Name, p.Type, p.AttachType, p.Section, w.Type, w.AttachType, w.Section)
		}
		if want.Verdict != "ok" || w.Hex == "" || !p.Autoload {
			continue // libbpf gave up before it linked, or did not begin
		}
		c, err := o.linker.Link(p)
		if err != nil {
			t.Errorf("%s: %q: %v", path, p.Name, err)
			continue
		}
		compareCode(t, path+": "+p.Name, c, w)
		programs, insns = programs+1, insns+c.Len()
	}
	return programs, insns
}

// compareCode leaves out what is not linking: numbers that a kernel gave, and what
// CO-RE made of an instruction.
func compareCode(t *testing.T, what string, c *reloc.Code, want dumpProgram) {
	wantInsns, err := hex.DecodeString(want.Hex)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Funcs) != want.FuncInfos || len(c.Lines) != want.LineInfos {
		t.Errorf("%s: %d func and %d line infos, want %d and %d %v", what, len(c.Funcs), len(c.Lines), want.FuncInfos, want.LineInfos, c.Warnings)
	}
	if len(wantInsns) != len(c.Insns) {
		t.Errorf("%s: %d instructions, want %d", what, c.Len(), len(wantInsns)/8)
		return
	}
	c.SetByteOrder(false) // as libbpf keeps them on this machine
	if err := c.Finish(func(f *reloc.Fixup) (reloc.Value, error) { return reloc.Value{}, nil }); err != nil {
		t.Fatal(err)
	}
	mask := func(from, to uint32) {
		clear(c.Insns[from:to])
		clear(wantInsns[from:to])
	}
	maps := map[uint32]string{}
	for _, m := range want.Maps {
		maps[m.Insn] = m.Map
	}
	own := map[uint32]bool{}
	for _, f := range c.Fixups {
		own[f.Insn] = true
		at := f.Insn * 8
		switch f.Kind {
		case reloc.MapFD, reloc.MapValue:
			if name := maps[f.Insn]; !sameMap(f, name) {
				t.Errorf("%s: insn %d: map %q, want %q", what, f.Insn, f.Map.Name, name)
			}
			mask(at+4, at+8)
		case reloc.KfuncCall:
			mask(at, at+8)
		default:
			mask(at, at+16)
		}
	}
	for _, r := range c.Relos {
		at, n := r.Insn*8, uint32(8)
		if c.Insns[at] == 0x18 || wantInsns[at] == 0x18 {
			n = 16
		}
		mask(at, at+n)
	}
	for i := uint32(0); int(8*i) < len(wantInsns); i++ {
		at := 8 * i
		if c.Insns[at] == 0x18 && c.Insns[at+1]>>4 == 1 && !own[i] {
			mask(at+4, at+8) // a descriptor written into the source
		}
		if got, want := c.Insns[at:at+8], wantInsns[at:at+8]; !bytes.Equal(got, want) {
			t.Errorf("%s: insn %d: %x, want %x", what, i, got, want)
			break
		}
	}
}

// sameMap says whether libbpf means the same map: it puts the object's name before
// that of a data section, or cuts the section's, and knows an arena by its map.
func sameMap(f reloc.Fixup, name string) bool {
	if f.Kind == reloc.MapFD {
		return f.Map.Name == name
	}
	return f.Map.Origin == spec.OriginArena || strings.HasSuffix(name, f.Map.Name) || strings.HasPrefix(f.Map.Name, name)
}
