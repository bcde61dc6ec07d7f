// SPDX-License-Identifier: MIT

package extern_test

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bpfload/bpfload/btfmaps"
	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/globals"
	"github.com/bpfload/bpfload/internal/extern"
	"github.com/bpfload/bpfload/internal/kernel"
	"github.com/bpfload/bpfload/rawbtf"
	"github.com/bpfload/bpfload/reloc"
	"github.com/bpfload/bpfload/reloc/core"
	"github.com/bpfload/bpfload/spec"
)

// An object is linked like the loader does, and resolved for the running kernel.
type object struct {
	types   *rawbtf.Spec
	linker  *reloc.Linker
	symbols []extern.Symbol
	core    *core.Resolver
}

func open(path string, types *kernel.Types) (*object, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	f, err := elf.Parse(data)
	if err != nil {
		return nil, err
	}
	o := &object{}
	var ext *rawbtf.Ext
	if s, ok := f.SectionNamed(".BTF"); ok {
		if o.types, err = rawbtf.Parse(s.Data, nil); err != nil {
			return nil, err
		}
		if s, ok = f.SectionNamed(".BTF.ext"); ok {
			if ext, err = rawbtf.ParseExt(s.Data, o.types); err != nil {
				return nil, err
			}
		}
	}
	defs, _, err := btfmaps.Decode(f, o.types, btfmaps.Options{Relaxed: true})
	if err != nil {
		return nil, err
	}
	var maps []*spec.Map
	for i := range defs {
		maps = append(maps, defs[i].Map)
	}
	data2, _, _, err := globals.Decode(f, o.types)
	if err != nil {
		return nil, err
	}
	maps = append(maps, data2...)
	kconfig, _, err := globals.Kconfig(f, o.types)
	if err != nil {
		return nil, err
	}
	if kconfig != nil {
		maps = append(maps, kconfig)
	}
	if o.linker, err = reloc.New(f, o.types, ext, maps, reloc.Options{}); err != nil || o.types == nil {
		return o, err
	}
	o.core = core.NewResolver(o.types, types)
	return o, nil
}

// instructions are those that depend on the kernel, after all is resolved: the
// places in the code and the code.
func (o *object) instructions(p *spec.Program) (places []uint32, code []byte, err error) {
	c, err := o.linker.Link(p)
	if err != nil {
		return nil, nil, err
	}
	for _, r := range c.Relos {
		places = append(places, r.Insn)
	}
	if len(c.Relos) > 0 {
		if _, err := o.core.Apply(c.Insns, c.Relos); err != nil {
			return nil, nil, err
		}
	}
	err = c.Finish(func(f *reloc.Fixup) (reloc.Value, error) {
		switch f.Kind {
		case reloc.KsymTyped, reloc.KsymTypeless, reloc.KfuncAddr, reloc.KfuncCall:
			places = append(places, f.Insn)
			s := o.symbols[f.Index]
			return reloc.Value{Missing: s.Missing, Addr: s.Address, ID: s.ID}, nil
		}
		return reloc.Value{}, nil
	})
	return places, c.Insns, err
}

// poisoned says whether an instruction calls a weak function that is missing. The
// number in it counts externs, which libbpf sorts.
func poisoned(insn []byte) bool {
	imm := binary.LittleEndian.Uint32(insn[4:])
	return insn[0] == 0x85 && imm >= reloc.PoisonedKfunc && imm < reloc.PoisonedKfunc+1000
}

// TestSameAsLibbpf resolves every object of a folder for the running kernel and
// compares all instructions that depend on it with what libbpf makes of them,
// functions that a program calls included. It needs BPFLOAD_LIBBPF, the
// program that compare/libbpf/build makes, and BPFLOAD_CORPUS, the folder that
// compare/corpus makes.
func TestSameAsLibbpf(t *testing.T) {
	dump, corpus := os.Getenv("BPFLOAD_LIBBPF"), os.Getenv("BPFLOAD_CORPUS")
	if dump == "" || corpus == "" {
		t.Skip("BPFLOAD_LIBBPF and BPFLOAD_CORPUS are not set: see compare/README.md")
	}
	types, err := kernel.Running().Types()
	if err != nil {
		t.Fatal(err)
	}
	var files []string
	for _, dir := range []string{"selftests", "selftests-v4", "sched_ext", "tools", "hid"} {
		more, err := filepath.Glob(filepath.Join(corpus, dir, "*.o"))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, more...)
	}
	var count struct{ objects, programs, insns, refused int }
	for _, path := range files {
		out, _ := exec.Command(dump, "core", path).Output()
		var d struct {
			Verdict  string
			Log      json.RawMessage
			Programs []struct{ Name, Hex string }
		}
		if json.Unmarshal(out, &d) != nil {
			t.Logf("%s: no answer", path)
			continue
		}
		o, err := open(path, types)
		if err != nil || o.types == nil {
			continue // what can be opened is compared elsewhere
		}
		externs := o.linker.Externs()
		o.symbols, _, err = extern.Ksyms(o.types, externs, kernel.Running())
		if d.Verdict != "ok" {
			if strings.Contains(string(d.Log), "extern (func ksym)") || strings.Contains(string(d.Log), "extern (var ksym)") {
				if count.refused++; err == nil {
					t.Errorf("%s: resolved, libbpf: %s", path, d.Log)
				}
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		count.objects++
		for _, p := range o.linker.Programs() {
			for _, want := range d.Programs {
				if want.Name != p.Name || !p.Autoload {
					continue
				}
				places, code, err := o.instructions(p)
				wantCode, hexErr := hex.DecodeString(want.Hex)
				if err != nil || hexErr != nil || len(wantCode) != len(code) {
					t.Errorf("%s: %s: %d bytes, want %d: %v", path, p.Name, len(code), len(wantCode), err)
					break
				}
				count.programs++
				for _, insn := range places {
					count.insns++
					from, to := insn*8, insn*8+8
					if code[from] == 0x18 {
						to += 8
					}
					if !bytes.Equal(code[from:to], wantCode[from:to]) && !(poisoned(code[from:to]) && poisoned(wantCode[from:to])) {
						t.Errorf("%s: %s: insn %d is %x, libbpf %x", filepath.Base(path), p.Name, insn, code[from:to], wantCode[from:to])
					}
				}
				break
			}
		}
	}
	t.Logf("%+v", count)
	if count.insns == 0 {
		t.Error("nothing was compared")
	}
}
