// SPDX-License-Identifier: MIT

package core_test

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/internal/kernel"
	"github.com/bpfload/bpfload/rawbtf"
	"github.com/bpfload/bpfload/reloc/core"
)

// An object is what a comparison with libbpf needs of a file.
type object struct {
	file  *elf.File
	types *rawbtf.Spec
	ext   *rawbtf.Ext
}

func readObject(path string) (*object, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	f, err := elf.Parse(data)
	if err != nil {
		return nil, err
	}
	o := &object{file: f, ext: &rawbtf.Ext{}}
	s, ok := f.SectionNamed(".BTF")
	if !ok {
		return o, nil
	}
	if o.types, err = rawbtf.Parse(s.Data, nil); err != nil {
		return nil, err
	}
	if s, ok = f.SectionNamed(".BTF.ext"); ok {
		o.ext, err = rawbtf.ParseExt(s.Data, o.types)
	}
	return o, err
}

// function returns the code of a global function and its relocations; none for a
// program that libbpf leaves alone because it is not to be loaded.
func (o *object) function(name string) (code []byte, relos []core.Relocation) {
	for i := range o.file.NumSymbols() {
		s := o.file.Symbol(i)
		if s.Name != name || s.Type != elf.STTFunc || !s.Defined() {
			continue
		}
		section := o.file.Section(s.Section)
		if strings.HasPrefix(section.Name, "?") {
			break
		}
		start, end := s.Value, o.file.End(s)
		code = append(code, section.Data[start:end]...)
		for _, ext := range o.ext.Relos {
			if ext.Section != section.Name {
				continue
			}
			first, last := ext.Range(start, end)
			for j := first; j < last; j++ {
				relos = append(relos, core.Relocation{
					Insn: uint32(uint64(ext.Offset(j))-start) / 8, Type: ext.Word(j, 1),
					Access: o.types.Name(ext.Word(j, 2)), Kind: core.Kind(ext.Word(j, 3)),
				})
			}
		}
		break
	}
	return code, relos
}

// An answer is a line that compare/libbpf/dump core prints.
type libbpfAnswer struct {
	File     string
	Verdict  string
	Error    json.RawMessage
	Log      json.RawMessage
	Programs []struct {
		Name string
		Hex  string
	}
}

// TestSameAsLibbpf relocates every function of a folder of objects and compares
// the instructions with what libbpf makes of them. It needs two variables:
// BPFLOAD_LIBBPF, the program that compare/libbpf/build makes, and
// BPFLOAD_CORPUS, the folder that compare/corpus makes.
func TestSameAsLibbpf(t *testing.T) {
	dump, corpus := os.Getenv("BPFLOAD_LIBBPF"), os.Getenv("BPFLOAD_CORPUS")
	if dump == "" || corpus == "" {
		t.Skip("BPFLOAD_LIBBPF and BPFLOAD_CORPUS are not set: see compare/README.md")
	}
	glob := func(pattern string) []string {
		files, err := filepath.Glob(filepath.Join(corpus, pattern))
		if err != nil {
			t.Fatal(err)
		}
		return files
	}
	for _, target := range glob("selftests/btf__core_reloc_*.bpf.o") {
		group, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(target), "btf__core_reloc_"), "__")
		group = strings.TrimSuffix(group, ".bpf.o")
		objects := glob("selftests/test_core_reloc_" + group + "*.bpf.o")
		t.Run(filepath.Base(target), func(t *testing.T) { compareWithLibbpf(t, dump, target, objects) })
	}
	objects := objectsBelow(t, corpus)
	if len(objects) < 1000 {
		t.Errorf("%s has only %d objects: has compare/corpus run to its end?", corpus, len(objects))
	}
	for _, target := range glob("btf/*.btf") {
		t.Run(filepath.Base(target), func(t *testing.T) { compareWithLibbpf(t, dump, target, objects) })
	}
}

// objectsBelow returns the objects of all parts of the corpus, which lie at several
// depths.
func objectsBelow(t *testing.T, corpus string) (objects []string) {
	t.Helper()
	err := filepath.WalkDir(corpus, func(path string, d fs.DirEntry, err error) error {
		if ext := filepath.Ext(path); err == nil && d.Type().IsRegular() && (ext == ".o" || ext == ".elf") {
			objects = append(objects, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return objects
}

// toLittle turns big-endian instructions round.
func toLittle(code []byte) {
	for ; len(code) >= 8; code = code[8:] {
		code[1] = code[1]<<4 | code[1]>>4
		slices.Reverse(code[2:4])
		slices.Reverse(code[4:8])
	}
}

// refused says whether any function of an object cannot be relocated.
func refused(o *object, types *kernel.Types) bool {
	r := core.NewResolver(o.types, types)
	for i := range o.file.NumSymbols() {
		code, relos := o.function(o.file.Symbol(i).Name)
		if _, err := r.Apply(code, relos); err != nil {
			return true
		}
	}
	return false
}

func compareWithLibbpf(t *testing.T, dump, target string, objects []string) {
	data, err := os.ReadFile(target)
	if err != nil {
		t.Fatal(err)
	}
	types, err := kernel.New(kernel.Source{BTF: data}).Types()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(dump, append([]string{"core", "--btf", target}, objects...)...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<30)
	count := struct{ objects, plain, refused, programs, relos, poisoned int }{}
	for lines.Scan() {
		var a libbpfAnswer
		if err := json.Unmarshal(lines.Bytes(), &a); err != nil {
			t.Fatalf("%v: %.200s", err, lines.Bytes())
		}
		o, err := readObject(a.File)
		if err != nil {
			t.Logf("%s: %v", a.File, err)
			continue
		}
		if o.types == nil {
			count.plain++ // without BTF there is nothing to relocate
			continue
		}
		if a.Verdict != "ok" {
			if strings.Contains(string(a.Log), "failed to perform CO-RE relocations") {
				count.refused++
				if !refused(o, types) {
					t.Errorf("%s: relocated, libbpf: %s", a.File, a.Log)
				}
			}
			continue
		}
		count.objects++
		r := core.NewResolver(o.types, types)
		for _, p := range a.Programs {
			code, relos := o.function(p.Name)
			want, err := hex.DecodeString(p.Hex)
			if err != nil || len(code) > len(want) {
				t.Errorf("%s: %s: %d bytes of code, libbpf has %d", a.File, p.Name, len(code), len(want))
				continue
			}
			results, err := r.Apply(code, relos)
			if err != nil {
				t.Errorf("%s: %s: %v", a.File, p.Name, err)
				continue
			}
			count.programs++
			if o.file.BigEndian() {
				toLittle(code) // as libbpf does when it opens an object
			}
			for i, rel := range relos {
				count.relos++
				if results[i].Failure != core.Applied {
					count.poisoned++
					if r.Explain(rel, results[i].Failure) == "" {
						t.Errorf("%s: %s: insn %d: no explanation", a.File, p.Name, rel.Insn)
					}
				}
				at := rel.Insn * 8
				if got, want := code[at:at+8], want[at:at+8]; string(got) != string(want) {
					t.Errorf("%s: %s: insn %d %s %s: got %x, libbpf %x", filepath.Base(a.File), p.Name, rel.Insn, rel.Kind, rel.Access, got, want)
				}
			}
		}
	}
	if err := lines.Err(); err != nil {
		t.Error(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Logf("%s: %v", dump, err)
	}
	t.Logf("%+v", count)
}
