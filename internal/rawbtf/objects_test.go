// SPDX-License-Identifier: MIT

package rawbtf_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/internal/rawbtf"
	"github.com/cilium/ebpf/btf"
)

// sections returns .BTF and .BTF.ext of the compiled objects of the repository.
func sections(t testing.TB) (paths []string, types, exts [][]byte) {
	t.Helper()
	paths, err := filepath.Glob("../../testdata/bpf/*.o")
	if err != nil || len(paths) < 10 {
		t.Fatalf("%d objects, %v", len(paths), err)
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		f, err := elf.Parse(data)
		if err != nil {
			t.Fatal(err)
		}
		b, _ := f.SectionNamed(".BTF")
		e, _ := f.SectionNamed(".BTF.ext")
		types, exts = append(types, b.Data), append(exts, e.Data)
	}
	return paths, types, exts
}

// TestAgreesWithCilium compares every type of every object with what cilium/ebpf
// makes of it.
func TestAgreesWithCilium(t *testing.T) {
	paths, blobs, _ := sections(t)
	compared := 0
	for i, path := range paths {
		if blobs[i] == nil {
			continue
		}
		theirs, err := btf.LoadSpecFromReader(bytes.NewReader(blobs[i]))
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		ours, err := rawbtf.Parse(blobs[i], nil)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		for typ := range ours.All {
			compared++
			want, err := theirs.TypeByID(btf.TypeID(typ.ID))
			if err != nil {
				t.Fatalf("%s: type %d: %v", path, typ.ID, err)
			}
			if a, b := describe(ours, typ), describeTheirs(theirs, want); a != b {
				t.Errorf("%s: type %d is %s, for cilium/ebpf %s", path, typ.ID, a, b)
			}
		}
		if _, err := theirs.TypeByID(btf.TypeID(ours.NumTypes())); err == nil {
			t.Errorf("%s: cilium/ebpf has more types than %d", path, ours.NumTypes())
		}
	}
	if compared < 1000 {
		t.Errorf("only %d types were compared", compared)
	}
}

// describe and describeTheirs write down a type in the same words.
func describe(s *rawbtf.Spec, t rawbtf.Type) string {
	var b bytes.Buffer
	if t.Kind == rawbtf.KindDeclTag {
		return "decl_tag" // cilium/ebpf keeps those with what they are attached to
	}
	fmt.Fprintf(&b, "%s %q", t.Kind, t.Name())
	if n, ok := s.Size(t.ID); ok && n > 0 && t.Kind != rawbtf.KindDatasec && t.Kind != rawbtf.KindVar {
		fmt.Fprintf(&b, " size %d", n)
	}
	switch t.Kind {
	case rawbtf.KindInt:
		encoding, _, _ := t.Int()
		fmt.Fprintf(&b, " encoding %d", encoding)
	case rawbtf.KindArray:
		elem, _, n := t.Array()
		fmt.Fprintf(&b, " %d of %d", n, elem)
	case rawbtf.KindStruct, rawbtf.KindUnion:
		for i := range t.Vlen {
			m := t.Member(i)
			fmt.Fprintf(&b, " %q %d %d:%d", s.Name(m.NameOff), m.Type, m.BitOffset, m.BitSize)
		}
	case rawbtf.KindEnum, rawbtf.KindEnum64:
		fmt.Fprintf(&b, " signed %t", t.KindFlag)
		for i := range t.Vlen {
			name, value := t.Enumerator(i)
			fmt.Fprintf(&b, " %q %d", s.Name(name), value)
		}
	case rawbtf.KindFuncProto:
		fmt.Fprintf(&b, " returns %d", t.SizeOrType)
		for i := range t.Vlen {
			name, typ := t.Param(i)
			fmt.Fprintf(&b, " %q %d", s.Name(name), typ)
		}
	case rawbtf.KindVar, rawbtf.KindFunc:
		fmt.Fprintf(&b, " linkage %d of %d", t.Linkage(), t.SizeOrType)
	case rawbtf.KindDatasec:
		for i := range t.Vlen {
			v := t.VarSecinfo(i)
			fmt.Fprintf(&b, " %d %d+%d", v.Type, v.Offset, v.Size)
		}
	case rawbtf.KindPtr, rawbtf.KindTypedef, rawbtf.KindConst, rawbtf.KindVolatile, rawbtf.KindRestrict, rawbtf.KindTypeTag:
		fmt.Fprintf(&b, " of %d", t.SizeOrType)
	}
	return b.String()
}

func describeTheirs(s *btf.Spec, t btf.Type) string {
	id := func(t btf.Type) btf.TypeID {
		id, err := s.TypeID(t)
		if err != nil {
			panic(err)
		}
		return id
	}
	var b bytes.Buffer
	word := func(kind rawbtf.Kind) {
		name := t.TypeName()
		if tag, ok := t.(*btf.TypeTag); ok {
			name = tag.Value
		}
		fmt.Fprintf(&b, "%s %q", kind, name)
		if n, err := btf.Sizeof(t); err == nil && n > 0 && kind != rawbtf.KindDatasec {
			fmt.Fprintf(&b, " size %d", n)
		}
	}
	members := func(list []btf.Member) {
		for _, m := range list {
			fmt.Fprintf(&b, " %q %d %d:%d", m.Name, id(m.Type), m.Offset, m.BitfieldSize)
		}
	}
	of := func(kind rawbtf.Kind, t btf.Type) {
		word(kind)
		fmt.Fprintf(&b, " of %d", id(t))
	}
	switch t := t.(type) {
	case *btf.Int:
		word(rawbtf.KindInt)
		fmt.Fprintf(&b, " encoding %d", t.Encoding)
	case *btf.Array:
		word(rawbtf.KindArray)
		fmt.Fprintf(&b, " %d of %d", t.Nelems, id(t.Type))
	case *btf.Struct:
		word(rawbtf.KindStruct)
		members(t.Members)
	case *btf.Union:
		word(rawbtf.KindUnion)
		members(t.Members)
	case *btf.Enum:
		kind := rawbtf.KindEnum
		if t.Size == 8 {
			kind = rawbtf.KindEnum64
		}
		word(kind)
		fmt.Fprintf(&b, " signed %t", t.Signed)
		for _, v := range t.Values {
			fmt.Fprintf(&b, " %q %d", v.Name, v.Value)
		}
	case *btf.FuncProto:
		word(rawbtf.KindFuncProto)
		fmt.Fprintf(&b, " returns %d", id(t.Return))
		for _, p := range t.Params {
			fmt.Fprintf(&b, " %q %d", p.Name, id(p.Type))
		}
	case *btf.Func:
		word(rawbtf.KindFunc)
		fmt.Fprintf(&b, " linkage %d of %d", t.Linkage, id(t.Type))
	case *btf.Var:
		word(rawbtf.KindVar)
		fmt.Fprintf(&b, " linkage %d of %d", t.Linkage, id(t.Type))
	case *btf.Datasec:
		word(rawbtf.KindDatasec)
		for _, v := range t.Vars {
			fmt.Fprintf(&b, " %d %d+%d", id(v.Type), v.Offset, v.Size)
		}
	case *btf.Float:
		word(rawbtf.KindFloat)
	case *btf.Fwd:
		word(rawbtf.KindFwd)
	case *btf.Pointer:
		of(rawbtf.KindPtr, t.Target)
	case *btf.Typedef:
		of(rawbtf.KindTypedef, t.Type)
	case *btf.Const:
		of(rawbtf.KindConst, t.Type)
	case *btf.Volatile:
		of(rawbtf.KindVolatile, t.Type)
	case *btf.Restrict:
		of(rawbtf.KindRestrict, t.Type)
	case *btf.TypeTag:
		of(rawbtf.KindTypeTag, t.Type)
	default:
		b.WriteString("decl_tag")
	}
	return b.String()
}

// check demands of any input: no panic, whatever is asked of what was accepted, a
// typed error, and the same answer again.
func check(t testing.TB, data []byte) *rawbtf.Spec {
	t.Helper()
	s, err := rawbtf.Parse(data, nil)
	_, err2 := rawbtf.Parse(data, nil)
	if fmt.Sprint(err) != fmt.Sprint(err2) {
		t.Fatalf("first %v, then %v", err, err2)
	}
	if err != nil {
		var e *elf.Error
		if s != nil || !errors.As(err, &e) || e.Section != ".BTF" || e.Offset > uint64(len(data)) || !errors.Is(err, elf.ErrMalformed) {
			t.Fatalf("%v, error %#v", s, err)
		}
		return nil
	}
	for typ := range s.All {
		if got := s.Type(typ.ID); got.ID != typ.ID || got.Kind != typ.Kind || got.Kind == rawbtf.KindVoid {
			t.Fatalf("type %d is %s, then %s", typ.ID, typ.Kind, got.Kind)
		}
		describe(s, typ)
		s.Underlying(typ.ID)
		s.SkipModifiers(typ.ID)
		if typ.Kind == rawbtf.KindDeclTag {
			typ.ComponentIndex()
		}
	}
	return s
}

func checkExt(t testing.TB, data []byte, s *rawbtf.Spec) {
	t.Helper()
	x, err := rawbtf.ParseExt(data, s)
	_, err2 := rawbtf.ParseExt(data, s)
	if fmt.Sprint(err) != fmt.Sprint(err2) {
		t.Fatalf("first %v, then %v", err, err2)
	}
	if err != nil {
		var e *elf.Error
		if x != nil || !errors.As(err, &e) || e.Section != ".BTF.ext" || e.Offset > uint64(len(data)) {
			t.Fatalf("%v, error %#v", x, err)
		}
		return
	}
	for _, secs := range [][]rawbtf.ExtSection{x.Funcs, x.Lines, x.Relos} {
		for _, sec := range secs {
			for i := range sec.Len {
				if len(sec.Record(i)) != sec.RecordSize || i > 0 && sec.Offset(i) < sec.Offset(i-1) {
					t.Fatalf("record %d of %d bytes at %d", i, len(sec.Record(i)), sec.Offset(i))
				}
			}
			if first, last := sec.Range(0, 1<<33); first != 0 || last != sec.Len {
				t.Fatalf("records %d to %d of %d", first, last, sec.Len)
			}
		}
	}
}

func TestDamaged(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	_, blobs, exts := sections(t)
	types, ext := blobs[0], exts[0]
	spec, err := rawbtf.Parse(types, nil)
	if err != nil {
		t.Fatal(err)
	}
	for n := range types {
		check(t, types[:n:n])
	}
	for n := range ext {
		checkExt(t, ext[:n:n], spec)
	}
	flip := func(data []byte) []byte {
		image := bytes.Clone(data)
		for range 1 + rnd.IntN(3) {
			image[rnd.IntN(len(image))] ^= 1 << rnd.IntN(8)
		}
		return image
	}
	for range 3000 {
		check(t, flip(types))
		checkExt(t, flip(ext), spec)
	}
}

func FuzzParse(f *testing.F) {
	_, blobs, _ := sections(f)
	for _, b := range blobs {
		if len(b) > 0 && len(b) < 4<<10 {
			f.Add(b)
		}
	}
	f.Add(manyTypes(true))
	f.Fuzz(func(t *testing.T, data []byte) {
		s := check(t, data)
		if s == nil {
			return
		}
		// What is sound is sound when it is trusted, too.
		sparse, err := rawbtf.ParseTrusted(data, nil)
		if err != nil || sparse.NumTypes() != s.NumTypes() {
			t.Fatal(err)
		}
		for typ := range s.All {
			if describe(s, typ) != describe(sparse, sparse.Type(typ.ID)) {
				t.Fatalf("type %d depends on how it is found", typ.ID)
			}
		}
	})
}

func FuzzParseExt(f *testing.F) {
	_, blobs, exts := sections(f)
	for i, e := range exts {
		if len(e) > 0 && len(e) < 4<<10 && len(blobs[i]) < 4<<10 {
			f.Add(blobs[i], e)
		}
	}
	f.Fuzz(func(t *testing.T, types, data []byte) {
		if s, err := rawbtf.Parse(types, nil); err == nil {
			checkExt(t, data, s)
		}
	})
}

// allocated returns the bytes that fn allocates.
func allocated(fn func()) uint64 {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	fn()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// TestLarge parses more types than any object has, and more records than that, all
// of them out of order. Time must not grow much faster than their number.
func TestLarge(t *testing.T) {
	parse := func(n, tries int) (fastest time.Duration) {
		var b elftest.BTF
		i := b.Int("int", 4, 0)
		for range n {
			b.Ptr(i)
		}
		records := make([][]uint32, n)
		for j := range records {
			records[j] = []uint32{uint32(8 * (n - j)), 1}
		}
		e := elftest.Ext{Funcs: []elftest.ExtSection{{Name: "xdp", Records: records}}}
		ext := e.Bytes(&b, false)
		data := b.Bytes(false)
		for range tries {
			start := time.Now()
			used := allocated(func() {
				s, err := rawbtf.Parse(data, nil)
				if err != nil {
					t.Fatal(err)
				}
				x, err := rawbtf.ParseExt(ext, s)
				if err != nil {
					t.Fatal(err)
				}
				if first, last := x.Funcs[0].Range(8, 16); first != 0 || last != 1 {
					t.Errorf("records %d to %d", first, last)
				}
			})
			if elapsed := time.Since(start); fastest == 0 || elapsed < fastest {
				fastest = elapsed
			}
			if limit := uint64(len(data)+2*len(ext)) + 1<<20; used > limit {
				t.Errorf("allocated %d bytes for %d", used, len(data)+len(ext))
			}
		}
		return fastest
	}
	few, many := parse(50_000, 3), parse(1_000_000, 1)
	t.Logf("50,000 types and records: %v, 1,000,000: %v", few, many)
}

// Nothing that a header claims is allocated.
func TestBoundedMemory(t *testing.T) {
	var b elftest.BTF
	b.Struct("s", 1<<32-1, elftest.Member{})
	data := b.Bytes(false)
	data[24+4], data[24+5] = 0xff, 0xff // 65535 members
	used := allocated(func() {
		if _, err := rawbtf.Parse(data, nil); err == nil {
			t.Error("accepted")
		}
	})
	if used > 16<<10 {
		t.Errorf("allocated %d bytes for %d", used, len(data))
	}
}

func BenchmarkParse(b *testing.B) {
	paths, blobs, exts := sections(b)
	for i, path := range paths {
		if filepath.Base(path) != "globals.o" && filepath.Base(path) != "xdp_counters.o" {
			continue
		}
		b.Run(filepath.Base(path), func(b *testing.B) {
			b.SetBytes(int64(len(blobs[i]) + len(exts[i])))
			b.ReportAllocs()
			for b.Loop() {
				s, err := rawbtf.Parse(blobs[i], nil)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := rawbtf.ParseExt(exts[i], s); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func Example() {
	data, err := os.ReadFile("../../testdata/bpf/globals.o")
	if err != nil {
		panic(err)
	}
	f, err := elf.Parse(data)
	if err != nil {
		panic(err)
	}
	sec, _ := f.SectionNamed(".BTF")
	s, err := rawbtf.Parse(sec.Data, nil)
	if err != nil {
		panic(err)
	}
	t, _ := s.Find(rawbtf.KindStruct, "limits")
	for i := range t.Vlen {
		m := t.Member(i)
		fmt.Println(s.Name(m.NameOff), m.BitOffset, m.BitSize)
	}
	// Output:
	// bytes 0 0
	// packets 64 0
	// ports 96 0
	// strict 160 1
	// burst 161 7
}
