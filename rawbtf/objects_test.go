// SPDX-License-Identifier: MIT

package rawbtf_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/internal/law"
	"github.com/bpfload/bpfload/rawbtf"
)

// sections returns .BTF and .BTF.ext of the compiled objects of the repository.
func sections(t testing.TB) (paths []string, types, exts [][]byte) {
	t.Helper()
	paths, err := filepath.Glob("../testdata/bpf/*.o")
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

// TestLarge parses more types than any object has, and more records than that, all
// of them out of order, for memory in proportion to them.
func TestLarge(t *testing.T) {
	const n = 1_000_000
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
	law.Memory(t, len(data)+2*len(ext), 1, func() {
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
}

// Nothing that a header claims is allocated.
func TestBoundedMemory(t *testing.T) {
	var b elftest.BTF
	b.Struct("s", 1<<32-1, elftest.Member{})
	data := b.Bytes(false)
	data[24+4], data[24+5] = 0xff, 0xff // 65535 members
	used := law.Allocated(func() {
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
	data, err := os.ReadFile("../testdata/bpf/globals.o")
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
