// SPDX-License-Identifier: MIT

package elf_test

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/internal/elftest"
)

// sample builds a small object with every kind of symbol and a relocation.
//
//	1 xdp       16 bytes of code
//	2 .maps     64 bytes
//	3 .bss      4 GiB of nothing
//	4 .relxdp
//	5 .symtab
//	6 .strtab
//	7 .shstrtab
func sample(bigEndian bool) []byte {
	o := elftest.Object{BigEndian: bigEndian}
	code := o.Code("xdp", elftest.Ret0, elftest.Exit)
	maps := o.Data(".maps", make([]byte, 64))
	bss := o.Bss(".bss", 1<<32)
	o.SectionSymbol(code)
	o.Symbol(elftest.Symbol{Name: "counter.c", Type: elf.STTFile, Section: elf.SHNAbs})
	o.Symbol(elftest.Symbol{Name: "LBB0_1", Section: code, Value: 8})
	o.Func("drop", code, 0, 16)
	m := o.Object("hits", maps, 32, 32)
	o.Symbol(elftest.Symbol{Name: "old", Binding: elf.STBGlobal, Section: maps, Visibility: elf.STVHidden})
	o.Extern("CONFIG_HZ", elf.STBWeak)
	o.Object("big", bss, 1<<31, 1<<31)
	o.Rel(code, 8, m, 1)
	return o.Bytes()
}

// A patcher changes an image in place.
type patcher struct {
	image []byte
	order binary.ByteOrder
	shoff int
}

func patch(image []byte) patcher {
	p := patcher{image: image, order: binary.LittleEndian}
	if image[5] == 2 {
		p.order = binary.BigEndian
	}
	p.shoff = int(p.order.Uint64(image[40:]))
	return p
}

func (p patcher) u16(off int, v uint16) { p.order.PutUint16(p.image[off:], v) }
func (p patcher) u32(off int, v uint32) { p.order.PutUint32(p.image[off:], v) }
func (p patcher) u64(off int, v uint64) { p.order.PutUint64(p.image[off:], v) }

// header returns the place of section header i.
func (p patcher) header(i int) int { return p.shoff + 64*i }

// contents returns the place of section i's bytes.
func (p patcher) contents(i int) int { return int(p.order.Uint64(p.image[p.header(i)+24:])) }

// objects returns the compiled objects of the repository.
func objects(t testing.TB) []string {
	t.Helper()
	paths, err := filepath.Glob("../testdata/bpf/*.o")
	if err != nil || len(paths) < 10 {
		t.Fatalf("%d objects, %v", len(paths), err)
	}
	return paths
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
