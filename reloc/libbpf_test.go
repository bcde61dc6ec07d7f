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

	"github.com/bpfload/bpfload/btfmaps"
	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/globals"
	"github.com/bpfload/bpfload/internal/rawbtf"
	"github.com/bpfload/bpfload/reloc"
	"github.com/bpfload/bpfload/spec"
)

// An object is what the packages below reloc make of a file.
type object struct {
	file   *elf.File
	types  *rawbtf.Spec
	ext    *rawbtf.Ext
	defs   []btfmaps.Definition
	maps   []*spec.Map
	linker *reloc.Linker
}

// open decodes an object as the loader does, without the old maps section.
func open(data []byte, opts reloc.Options) (*object, error) {
	o := &object{}
	var err error
	if o.file, err = elf.Parse(data); err != nil {
		return nil, err
	}
	if s, ok := o.file.SectionNamed(".BTF"); ok {
		if o.types, err = rawbtf.Parse(s.Data, nil); err != nil {
			return nil, err
		}
		if s, ok := o.file.SectionNamed(".BTF.ext"); ok {
			if o.ext, err = rawbtf.ParseExt(s.Data, o.types); err != nil {
				return nil, err
			}
		}
	}
	if o.defs, _, err = btfmaps.Decode(o.file, o.types, btfmaps.Options{Relaxed: true}); err != nil {
		return nil, err
	}
	for i := range o.defs {
		o.maps = append(o.maps, o.defs[i].Map)
	}
	data2, _, _, err := globals.Decode(o.file, o.types)
	if err != nil {
		return nil, err
	}
	o.maps = append(o.maps, data2...)
	kconfig, _, err := globals.Kconfig(o.file, o.types)
	if err != nil {
		return nil, err
	}
	if kconfig != nil {
		o.maps = append(o.maps, kconfig)
	}
	o.linker, err = reloc.New(o.file, o.types, o.ext, o.maps, opts)
	return o, err
}

// What compare/libbpf/dump prints of an object.
type dump struct {
	Verdict  string `json:"verdict"`
	Phase    string `json:"phase"`
	Programs []struct {
		Name       string `json:"name"`
		Section    string `json:"section"`
		Type       int    `json:"type_number"`
		AttachType int    `json:"attach_type_number"`
		Flags      int    `json:"flags"`
		Hex        string `json:"hex"`
		FuncInfos  int    `json:"func_infos"`
		LineInfos  int    `json:"line_infos"`
		Maps       []struct {
			Insn uint32 `json:"insn"`
			Map  string `json:"map"`
		} `json:"maps"`
	} `json:"programs"`
}

// TestLinkAgainstLibbpf compares linked instructions with those that libbpf would
// hand to the kernel, for every object of a folder: BPFLOAD_OBJECTS names it, and
// BPFLOAD_LIBBPF the program that compare/libbpf/build makes.
func TestLinkAgainstLibbpf(t *testing.T) {
	folder, libbpf := os.Getenv("BPFLOAD_OBJECTS"), os.Getenv("BPFLOAD_LIBBPF")
	if folder == "" || libbpf == "" {
		t.Skip("BPFLOAD_OBJECTS and BPFLOAD_LIBBPF are not set")
	}
	var files []string
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && (strings.HasSuffix(path, ".o") || strings.HasSuffix(path, ".elf")) {
			files = append(files, path)
		}
		return err
	})
	if err != nil || len(files) == 0 {
		t.Fatalf("no objects in %s: %v", folder, err)
	}
	objects, programs, insns := 0, 0, 0
	for _, file := range files {
		out, err := exec.Command(libbpf, "core", file).Output()
		var d dump
		if json.Unmarshal(out, &d) != nil {
			t.Logf("%s: no answer: %v", file, err)
			continue
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		o, err := open(data, reloc.Options{})
		if err != nil {
			if d.Verdict == "ok" {
				t.Errorf("%s: libbpf opens it, we: %v", file, err)
			}
			continue
		}
		if len(d.Programs) > 0 {
			objects++
		}
		list := o.linker.Programs()
		if len(list) != len(d.Programs) && d.Phase != "open" {
			t.Errorf("%s: %d programs, want %d", file, len(list), len(d.Programs))
		}
		for _, p := range list {
			if _, err := o.linker.Link(p); err != nil && d.Verdict != "ok" {
				t.Logf("%s: %q: %v", file, p.Name, err)
			}
		}
		for _, want := range d.Programs {
			i := slices.IndexFunc(list, func(p *spec.Program) bool { return p.Name == want.Name })
			if i < 0 {
				t.Errorf("%s: no program %q", file, want.Name)
				continue
			}
			p := list[i]
			if p.Type == ebpf.StructOps {
				want.AttachType = 0 // a member's place in the kernel's struct, set when it is prepared
			}
			if want.Type != 0 && (int(p.Type) != want.Type || int(p.AttachType) != want.AttachType) || p.Section != strings.TrimPrefix(want.Section, "?") {
				t.Errorf("%s: %q: type %d/%d section %s, want %d/%d %s", file, p.Name, p.Type, p.AttachType, p.Section, want.Type, want.AttachType, want.Section)
			}
			if d.Verdict != "ok" || want.Hex == "" || !p.Autoload {
				continue // libbpf gave up before it linked, or did not begin
			}
			c, err := o.linker.Link(p)
			if err != nil {
				if d.Verdict == "ok" {
					t.Errorf("%s: %q: %v", file, p.Name, err)
				}
				continue
			}
			programs++
			insns += c.Len()
			wantInsns, err := hex.DecodeString(want.Hex)
			if err != nil {
				t.Fatal(err)
			}
			if len(wantInsns) != len(c.Insns) {
				t.Errorf("%s: %q has %d instructions, want %d", file, p.Name, c.Len(), len(wantInsns)/8)
				continue
			}
			maps := map[uint32]string{}
			for _, m := range want.Maps {
				maps[m.Insn] = m.Map
			}
			c.SetByteOrder(false) // as libbpf keeps them on this machine
			if err := c.Finish(func(f *reloc.Fixup) (reloc.Value, error) { return reloc.Value{}, nil }); err != nil {
				t.Fatal(err)
			}
			mask := func(from, to uint32) {
				clear(c.Insns[from:to])
				clear(wantInsns[from:to])
			}
			for _, f := range c.Fixups {
				at := f.Insn * 8
				switch f.Kind {
				case reloc.MapFD, reloc.MapValue:
					name := maps[f.Insn]
					if f.Kind == reloc.MapFD && name != f.Map.Name || f.Kind == reloc.MapValue && !strings.HasSuffix(name, f.Map.Name) && !strings.HasPrefix(f.Map.Name, name) && f.Map.Origin != spec.OriginArena {
						t.Errorf("%s: %q insn %d: map %q, want %q", file, p.Name, f.Insn, f.Map.Name, name)
					}
					mask(at+4, at+8)
				case reloc.KfuncCall:
					mask(at, at+8)
				default:
					mask(at, at+16)
				}
			}
			for _, r := range c.Relos {
				at := r.Insn * 8
				n := uint32(8)
				if c.Insns[at] == 0x18 || wantInsns[at] == 0x18 {
					n = 16
				}
				mask(at, at+n)
			}
			if len(c.Funcs) != want.FuncInfos || len(c.Lines) != want.LineInfos {
				t.Errorf("%s: %q has %d func and %d line infos, want %d and %d %v", file, p.Name, len(c.Funcs), len(c.Lines), want.FuncInfos, want.LineInfos, c.Warnings)
			}
			for i := 0; i+16 <= len(wantInsns); i += 8 {
				if c.Insns[i] == 0x18 && c.Insns[i+1]>>4 == 1 && !slices.ContainsFunc(c.Fixups, func(f reloc.Fixup) bool { return int(f.Insn) == i/8 }) {
					mask(uint32(i+4), uint32(i+8)) // a descriptor written into the source
				}
			}
			if !bytes.Equal(c.Insns, wantInsns) {
				for i := 0; i < len(wantInsns); i += 8 {
					if !bytes.Equal(c.Insns[i:i+8], wantInsns[i:i+8]) {
						t.Errorf("%s: %q insn %d: %x, want %x", file, p.Name, i/8, c.Insns[i:i+8], wantInsns[i:i+8])
						break
					}
				}
			}
		}
	}
	t.Logf("%d programs of %d objects, %d instructions", programs, objects, insns)
	if programs == 0 {
		t.Error("nothing was compared")
	}
}
