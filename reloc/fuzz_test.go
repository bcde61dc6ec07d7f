// SPDX-License-Identifier: MIT

package reloc_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/internal/law"
	"github.com/bpfload/bpfload/reloc"
)

// FuzzLink reads any bytes, links every program and resolves every slot. It never
// panics, never writes to the file, gives errors with a place and without code, the
// same each time, and code whose parts, calls and fixups hold together.
func FuzzLink(f *testing.F) {
	for _, build := range []func(*elftest.Object){mapsObject, externObject, func(o *elftest.Object) { gapObject(o, nil) },
		func(o *elftest.Object) { exceptionObject(o, "exception_callback:callback") },
		func(o *elftest.Object) {
			s := newSlotObject(o, 4)
			s.Rel(s.maps, 24, s.main, relAbs)
			s.Rel(s.maps, 88, s.inner, relAbs)
			s.finish()
		},
	} {
		for _, big := range []bool{false, true} {
			o := &elftest.Object{BigEndian: big}
			build(o)
			f.Add(o.Bytes())
		}
	}
	for _, name := range []string{"subprograms", "tailcall", "gaps", "jumptable-clang22", "exceptions-clang22"} {
		if data, err := os.ReadFile(filepath.Join("../testdata/bpf", name+".o")); err == nil {
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		before := bytes.Clone(data)
		law.Memory(t, len(data), 256, func() {
			if obj, err := open(data, reloc.Options{}); err == nil {
				for i, p := range obj.linker.Programs() {
					if i > 32 {
						break
					}
					obj.linker.Link(p)
				}
			}
		})
		obj, err := open(data, reloc.Options{})
		if err != nil {
			law.Located(t, err)
			return
		}
		again, err := open(data, reloc.Options{})
		if err != nil {
			t.Fatalf("fails the second time: %v", err)
		}
		if diff := cmp.Diff(obj.linker.Programs(), again.linker.Programs()); diff != "" {
			t.Fatal(diff)
		}
		checkSlots(t, obj, again)
		for i, p := range obj.linker.Programs() {
			if i > 32 {
				break
			}
			c, err := obj.linker.Link(p)
			c2, err2 := again.linker.Link(p)
			if err != nil {
				if law.Same(t, err, err2); c != nil {
					t.Fatalf("code beside %v", err)
				}
				checkError(t, err)
				continue
			}
			if err2 != nil || !bytes.Equal(c.Insns, c2.Insns) || len(c.Fixups) != len(c2.Fixups) {
				t.Fatalf("another result the second time: %v", err2)
			}
			checkLinked(t, c)
			if err := c.Finish(func(f *reloc.Fixup) (reloc.Value, error) { return reloc.Value{Missing: f.Weak, FD: 3, ID: 4}, nil }); err != nil {
				checkError(t, err)
			}
			c.SetByteOrder(!c.Big)
		}
		if !bytes.Equal(data, before) {
			t.Fatal("the file was written to")
		}
	})
}

func checkSlots(t *testing.T, obj, again *object) {
	_, err := obj.linker.ResolveSlots(obj.defs)
	_, err2 := again.linker.ResolveSlots(again.defs)
	law.Same(t, err, err2)
	if err != nil {
		checkError(t, err)
		return
	}
	programs := map[string]bool{}
	for _, p := range obj.linker.Programs() {
		if programs[p.Name] {
			t.Fatalf("two programs %q", p.Name)
		}
		programs[p.Name] = true
	}
	for _, d := range obj.defs {
		last := -1
		for _, s := range d.Map.Values {
			if int(s.Index) <= last || (s.Map == "") == (s.Program == "") || s.Program != "" && !programs[s.Program] {
				t.Fatalf("slot %v after %d", s, last)
			}
			last = int(s.Index)
		}
	}
}

// checkLinked checks what holds of all linked code.
func checkLinked(t *testing.T, c *reloc.Code) {
	next := uint32(0)
	starts := map[uint32]bool{}
	for _, p := range c.Parts {
		if p.Insn != next || p.Len == 0 {
			t.Fatalf("part %v does not follow at %d", p, next)
		}
		starts[p.Insn] = true
		next += p.Len
	}
	if int(next) != c.Len() || len(c.Insns)%8 != 0 {
		t.Fatalf("parts of %d instructions, code of %d", next, c.Len())
	}
	for _, f := range c.Fixups {
		at := int(f.Insn) * 8
		switch op := c.Insns[at]; {
		case f.Kind == reloc.KfuncCall && op == 0x85:
		case f.Kind != reloc.KfuncCall && op == 0x18 && at+16 <= len(c.Insns):
		default:
			t.Fatalf("fixup %v of instruction %#x", f, op)
		}
		for _, to := range f.Table {
			if to >= next {
				t.Fatalf("jump table leads to %d of %d", to, next)
			}
		}
	}
	for i, f := range c.Funcs {
		if f.Insn != c.Parts[i].Insn {
			t.Fatalf("func info at %d for the part at %d", f.Insn, c.Parts[i].Insn)
		}
	}
	line := -1
	for _, l := range c.Lines {
		if int(l.Insn) <= line || l.Insn >= next {
			t.Fatalf("line info at %d after %d", l.Insn, line)
		}
		line = int(l.Insn)
	}
	for _, r := range c.Relos {
		if r.Insn >= next {
			t.Fatalf("CO-RE relocation at %d of %d", r.Insn, next)
		}
	}
}

// Every sample object is fed to the same checks.
func TestSampleObjects(t *testing.T) {
	files, err := filepath.Glob("../testdata/bpf/*.o")
	if err != nil || len(files) == 0 {
		t.Fatalf("no sample objects: %v", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		obj, err := open(data, reloc.Options{})
		if err != nil {
			t.Logf("%s: %v", filepath.Base(file), err)
			continue
		}
		for _, p := range obj.linker.Programs() {
			c, err := obj.linker.Link(p)
			if err != nil {
				t.Logf("%s: %v", filepath.Base(file), err)
				checkError(t, err)
				continue
			}
			checkLinked(t, c)
		}
	}
}
