// SPDX-License-Identifier: MIT

package rawbtf_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/rawbtf"
)

// ext builds .BTF.ext with two sections of func info, line info and one CO-RE
// relocation.
func ext(bigEndian bool, header uint32) (data []byte, s *rawbtf.Spec, err error) {
	var b elftest.BTF
	i := b.Int("int", 4, 0)
	fn := b.Func("f", b.FuncProto(i), rawbtf.LinkageGlobal)
	e := elftest.Ext{
		HeaderSize: header,
		Funcs: []elftest.ExtSection{
			{Name: "xdp", Records: [][]uint32{elftest.FuncInfo(0, fn), elftest.FuncInfo(16, fn), elftest.FuncInfo(64, fn)}},
			{Name: ".text", Records: [][]uint32{elftest.FuncInfo(0, fn)}}},
		Lines: []elftest.ExtSection{{Name: "xdp", Records: [][]uint32{elftest.LineInfo(&b, 8, "a.c", "second", 2, 1), elftest.LineInfo(&b, 0, "a.c", "first", 1, 5)}}},
		Relos: []elftest.ExtSection{{Name: "xdp", Records: [][]uint32{elftest.CoreRelo(&b, 24, i, "0", 8)}}},
	}
	data = e.Bytes(&b, bigEndian)
	s, err = rawbtf.Parse(b.Bytes(bigEndian), nil)
	return data, s, err
}

func TestExt(t *testing.T) {
	for _, bigEndian := range []bool{false, true} {
		// Clang wrote 24 bytes of header before CO-RE; later ones may be longer.
		for _, header := range []uint32{24, 32, 40} {
			data, s, err := ext(bigEndian, header)
			if err != nil {
				t.Fatal(err)
			}
			x, err := rawbtf.ParseExt(data, s)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			add := func(kind string, secs []rawbtf.ExtSection) {
				for _, sec := range secs {
					for i := range sec.Len {
						line := fmt.Sprintf("%s %s+%d %d", kind, sec.Section, sec.Offset(i), len(sec.Record(i)))
						switch kind {
						case "func":
							line += " " + s.Type(sec.Word(i, 1)).Name()
						case "line":
							line += fmt.Sprintf(" %s:%d:%d %s", s.Name(sec.Word(i, 1)), sec.Word(i, 3)>>10, sec.Word(i, 3)&1023, s.Name(sec.Word(i, 2)))
						case "relo":
							line += fmt.Sprintf(" %s %s %d", s.Type(sec.Word(i, 1)).Name(), s.Name(sec.Word(i, 2)), sec.Word(i, 3))
						}
						got = append(got, line)
					}
				}
			}
			add("func", x.Funcs)
			add("line", x.Lines)
			add("relo", x.Relos)
			want := []string{"func xdp+0 8 f", "func xdp+16 8 f", "func xdp+64 8 f", "func .text+0 8 f", "line xdp+0 16 a.c:1:5 first", "line xdp+8 16 a.c:2:1 second"}
			if header >= 32 {
				want = append(want, "relo xdp+24 16 int 0 8")
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("big endian %t, header of %d bytes: %s", bigEndian, header, diff)
			}
		}
	}
}

// Records may be longer than this reader knows.
func TestLongRecords(t *testing.T) {
	var b elftest.BTF
	e := elftest.Ext{Funcs: []elftest.ExtSection{{Name: "xdp", Records: [][]uint32{{0, 1, 77}, {8, 2, 88}}}}}
	data := e.Bytes(&b, false)
	x, err := rawbtf.ParseExt(data, build(t, &b, false))
	if err != nil {
		t.Fatal(err)
	}
	if sec := x.Funcs[0]; sec.RecordSize != 12 || sec.Word(1, 1) != 2 || sec.Word(1, 2) != 88 {
		t.Errorf("records of %d bytes, the second is %x", sec.RecordSize, sec.Record(1))
	}
}

func TestRange(t *testing.T) {
	data, s, err := ext(false, 32)
	if err != nil {
		t.Fatal(err)
	}
	x, err := rawbtf.ParseExt(data, s)
	if err != nil {
		t.Fatal(err)
	}
	sec := x.Funcs[0] // at 0, 16 and 64
	for _, tt := range []struct {
		lo, hi      uint64
		first, last int
	}{{0, 100, 0, 3}, {0, 16, 0, 1}, {1, 17, 1, 2}, {16, 64, 1, 2}, {17, 64, 2, 2}, {65, 1 << 40, 3, 3}, {64, 65, 2, 3}} {
		if first, last := sec.Range(tt.lo, tt.hi); first != tt.first || last != tt.last {
			t.Errorf("[%d, %d): records %d to %d, want %d to %d", tt.lo, tt.hi, first, last, tt.first, tt.last)
		}
	}
}

func TestExtErrors(t *testing.T) {
	le := binary.LittleEndian
	put := func(off int, v uint32) func([]byte) []byte {
		return func(b []byte) []byte { le.PutUint32(b[off:], v); return b }
	}
	const body = 32 // after the header; func info is 4+8+24+8+8 bytes
	tests := map[string]struct {
		damage  func(b []byte) []byte
		message string
	}{
		"short":             {func(b []byte) []byte { return b[:23] }, `section ".BTF.ext"+0x0: 23 bytes are no .BTF.ext: the header takes 24`},
		"magic":             {func(b []byte) []byte { b[0] = 0; return b }, `section ".BTF.ext"+0x0: magic 0xeb00 is not BTF's`},
		"version":           {func(b []byte) []byte { b[2] = 9; return b }, `section ".BTF.ext"+0x2: version 9, want 1`},
		"header too long":   {put(4, 1000), `section ".BTF.ext"+0x4: header of 1000 bytes in 156 bytes`},
		"header too short":  {put(4, 8), `section ".BTF.ext"+0x4: header of 8 bytes in 156 bytes`},
		"funcs outside":     {put(12, 1<<32-1), `section ".BTF.ext"+0x8: func info (4294967295 bytes at 0x0) is outside the section`},
		"lines outside":     {put(16, 1<<32-1), `section ".BTF.ext"+0x10: line info (44 bytes at 0xffffffff) is outside the section`},
		"relos outside":     {put(28, 200), `section ".BTF.ext"+0x18: CO-RE relocation (200 bytes at 0x60) is outside the section`},
		"record size alone": {put(12, 3), `section ".BTF.ext"+0x20: func info: ends within the record size`},
		"records too short": {put(body, 4), `section ".BTF.ext"+0x20: func info: records of 4 bytes, want at least 8 and a multiple of 4`},
		"records uneven":    {put(body, 9), `section ".BTF.ext"+0x20: func info: records of 9 bytes, want at least 8 and a multiple of 4`},
		"records huge":      {put(body, 1<<20), `section ".BTF.ext"+0x20: func info: records of 1048576 bytes, want at least 8 and a multiple of 4`},
		"section header":    {put(12, 42), `section ".BTF.ext"+0x44: func info: ends within a section header`},
		"too many records":  {put(body+8, 1<<32-1), `section ".BTF.ext"+0x24: func info: 4294967295 records of 8 bytes for section "xdp" do not fit`},
		"nameless section":  {put(body+4, 0), `section ".BTF.ext"+0x24: func info: records for a section without a name`},
		"name out of range": {put(body+4, 1<<31), `section ".BTF.ext"+0x24: func info: records for a section without a name`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			data, s, err := ext(false, 32)
			if err != nil {
				t.Fatal(err)
			}
			x, err := rawbtf.ParseExt(tt.damage(data), s)
			if err == nil || err.Error() != tt.message || !errors.Is(err, elf.ErrMalformed) || x != nil {
				t.Errorf("got  %v\nwant %s", err, tt.message)
			}
		})
	}
}

// Sections without a single record take as little room as can be; not more of them
// are accepted than an ELF file has.
func TestManyExtSections(t *testing.T) {
	var b elftest.BTF
	e := elftest.Ext{Funcs: make([]elftest.ExtSection, 0xff01)}
	for i := range e.Funcs {
		e.Funcs[i].Name = "x"
	}
	data := e.Bytes(&b, false)
	s := build(t, &b, false)
	_, err := rawbtf.ParseExt(data, s)
	const want = `section ".BTF.ext"+0x7f824: func info: records for more than 65280 sections`
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	data = data[:len(data)-8]
	binary.LittleEndian.PutUint32(data[12:], uint32(len(data)-32))
	binary.LittleEndian.PutUint32(data[16:], 0)
	binary.LittleEndian.PutUint32(data[24:], 0)
	if x, err := rawbtf.ParseExt(data, s); err != nil || len(x.Funcs) != 0xff00 {
		t.Error(err)
	}
}
