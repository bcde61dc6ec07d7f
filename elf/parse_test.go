// SPDX-License-Identifier: MIT

package elf_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/internal/elftest"
)

func TestParseErrors(t *testing.T) {
	const xdp, maps, relxdp, symtab, strtab, shstrtab = 1, 2, 4, 5, 6, 7
	tests := map[string]struct {
		damage   func(p patcher) []byte
		sentinel error
		message  string
	}{
		"empty":            {func(p patcher) []byte { return nil }, elf.ErrMalformed, `offset 0x0: not an ELF file, but empty`},
		"other magic":      {func(p patcher) []byte { p.image[0] = '#'; return p.image }, elf.ErrMalformed, `offset 0x0: not an ELF file`},
		"within header":    {func(p patcher) []byte { return p.image[:63] }, elf.ErrMalformed, `offset 0x3f: file ends within the 64-byte ELF header`},
		"32 bits":          {func(p patcher) []byte { p.image[4] = 1; return p.image }, elf.ErrUnsupported, `offset 0x4: ELF class 1: BPF objects are 64-bit (class 2)`},
		"byte order":       {func(p patcher) []byte { p.image[5] = 3; return p.image }, elf.ErrMalformed, `offset 0x5: unknown byte order 3`},
		"version":          {func(p patcher) []byte { p.image[6] = 2; return p.image }, elf.ErrMalformed, `offset 0x6: unknown ELF version 2`},
		"no type":          {func(p patcher) []byte { p.u16(16, 0); return p.image }, elf.ErrUnsupported, `offset 0x10: ELF type 0 (none): want a relocatable file as clang -c writes it`},
		"executable":       {func(p patcher) []byte { p.u16(16, 2); return p.image }, elf.ErrUnsupported, `offset 0x10: ELF type 2 (executable): want a relocatable file as clang -c writes it`},
		"shared object":    {func(p patcher) []byte { p.u16(16, 3); return p.image }, elf.ErrUnsupported, `offset 0x10: ELF type 3 (shared object): want a relocatable file as clang -c writes it`},
		"core dump":        {func(p patcher) []byte { p.u16(16, 4); return p.image }, elf.ErrUnsupported, `offset 0x10: ELF type 4 (core dump): want a relocatable file as clang -c writes it`},
		"another type":     {func(p patcher) []byte { p.u16(16, 9); return p.image }, elf.ErrUnsupported, `offset 0x10: ELF type 9 (unknown): want a relocatable file as clang -c writes it`},
		"x86-64":           {func(p patcher) []byte { p.u16(18, 62); return p.image }, elf.ErrUnsupported, `offset 0x12: machine 62 is not BPF (247): compile with -target bpf`},
		"no sections":      {func(p patcher) []byte { p.u64(40, 0); return p.image }, elf.ErrMalformed, `offset 0x28: no section table`},
		"header size":      {func(p patcher) []byte { p.u16(58, 40); return p.image }, elf.ErrMalformed, `offset 0x3a: section headers of 40 bytes, want 64`},
		"table outside":    {func(p patcher) []byte { p.u64(40, 1<<40); return p.image }, elf.ErrMalformed, `offset 0x28: section table at 0x10000000000 is outside the 992-byte file`},
		"table in header":  {func(p patcher) []byte { p.u64(40, 8); return p.image }, elf.ErrMalformed, `offset 0x28: section table at 0x8 is outside the 992-byte file`},
		"truncated table":  {func(p patcher) []byte { return p.image[:p.header(6)] }, elf.ErrMalformed, `offset 0x3c: 8 section headers at 0x1e0 do not fit the 864-byte file`},
		"count in null":    {func(p patcher) []byte { p.u16(60, 0); p.u64(p.shoff+32, 1<<50); return p.image }, elf.ErrMalformed, `offset 0x3c: 1125899906842624 section headers at 0x1e0 do not fit the 992-byte file`},
		"count of none":    {func(p patcher) []byte { p.u16(60, 0); return p.image }, elf.ErrMalformed, `offset 0x3c: 0 section headers at 0x1e0 do not fit the 992-byte file`},
		"names of null":    {func(p patcher) []byte { p.u16(62, 0); return p.image }, elf.ErrMalformed, `offset 0x3e: section name table index 0 of 8 sections`},
		"names nowhere":    {func(p patcher) []byte { p.u16(62, 8); return p.image }, elf.ErrMalformed, `offset 0x3e: section name table index 8 of 8 sections`},
		"names by null":    {func(p patcher) []byte { p.u16(62, 0xffff); p.u32(p.shoff+40, 70000); return p.image }, elf.ErrMalformed, `offset 0x3e: section name table index 70000 of 8 sections`},
		"names of code":    {func(p patcher) []byte { p.u16(62, 1); return p.image }, elf.ErrMalformed, `offset 0x220: section name table has type 1, want 3 (SHT_STRTAB)`},
		"names open":       {func(p patcher) []byte { p.u64(p.header(shstrtab)+32, 6); return p.image }, elf.ErrMalformed, `offset 0x3a0: section name table does not end with a NUL`},
		"names empty":      {func(p patcher) []byte { p.u64(p.header(shstrtab)+32, 0); return p.image }, elf.ErrMalformed, `offset 0x3a0: section name table does not end with a NUL`},
		"name outside":     {func(p patcher) []byte { p.u32(p.header(maps), 900); return p.image }, elf.ErrMalformed, `offset 0x260: name of section 2 at 0x384 is outside the 50-byte name table`},
		"size lies":        {func(p patcher) []byte { p.u64(p.header(maps)+32, 1<<62); return p.image }, elf.ErrMalformed, `offset 0x260: section 2 claims 4611686018427387904 bytes at 0x50 of a 992-byte file`},
		"size overflows":   {func(p patcher) []byte { p.u64(p.header(maps)+32, 1<<64-8); return p.image }, elf.ErrMalformed, `offset 0x260: section 2 claims 18446744073709551608 bytes at 0x50 of a 992-byte file`},
		"place lies":       {func(p patcher) []byte { p.u64(p.header(maps)+24, 1001); return p.image }, elf.ErrMalformed, `offset 0x260: section 2 claims 64 bytes at 0x3e9 of a 992-byte file`},
		"within header 2":  {func(p patcher) []byte { p.u64(p.header(maps)+24, 32); return p.image }, elf.ErrMalformed, `offset 0x260: section 2 (64 bytes at 0x20) overlaps the ELF headers`},
		"within table":     {func(p patcher) []byte { p.u64(p.header(maps)+24, uint64(p.header(1))); return p.image }, elf.ErrMalformed, `offset 0x260: section 2 (64 bytes at 0x220) overlaps the ELF headers`},
		"across table":     {func(p patcher) []byte { p.u64(p.header(maps)+24, uint64(p.shoff-8)); return p.image }, elf.ErrMalformed, `offset 0x260: section 2 (64 bytes at 0x1d8) overlaps the ELF headers`},
		"overlap":          {func(p patcher) []byte { p.u64(p.header(maps)+24, 0x48); return p.image }, elf.ErrMalformed, `section ".maps"+0x0: section 2 (64 bytes at 0x48 of the file) overlaps section 1, "xdp"`},
		"one in another":   {func(p patcher) []byte { p.u64(p.header(xdp)+24, 0x58); return p.image }, elf.ErrMalformed, `section "xdp"+0x0: section 1 (16 bytes at 0x58 of the file) overlaps section 2, ".maps"`},
		"same place":       {func(p patcher) []byte { p.u64(p.header(xdp)+24, 0x50); return p.image }, elf.ErrMalformed, `section ".maps"+0x0: section 2 (64 bytes at 0x50 of the file) overlaps section 1, "xdp"`},
		"names in maps":    {func(p patcher) []byte { p.u64(p.header(strtab)+24, 0x50); return p.image }, elf.ErrMalformed, `section ".strtab"+0x0: section 6 (46 bytes at 0x50 of the file) overlaps section 2, ".maps"`},
		"compressed":       {func(p patcher) []byte { p.u64(p.header(maps)+8, 1<<11); return p.image }, elf.ErrUnsupported, `section ".maps"+0x0: the section is compressed: link without --compress-sections`},
		"addends":          {func(p patcher) []byte { p.u32(p.header(relxdp)+4, 4); return p.image }, elf.ErrUnsupported, `section ".relxdp"+0x0: relocations with addends (SHT_RELA) for section "xdp": BPF objects use SHT_REL`},
		"for null":         {func(p patcher) []byte { p.u32(p.header(relxdp)+44, 0); return p.image }, elf.ErrMalformed, `section ".relxdp"+0x0: relocations for section 0 of 8`},
		"for nowhere":      {func(p patcher) []byte { p.u32(p.header(relxdp)+44, 8); return p.image }, elf.ErrMalformed, `section ".relxdp"+0x0: relocations for section 8 of 8`},
		"stripped":         {func(p patcher) []byte { p.u32(p.header(symtab)+4, 1); return p.image }, elf.ErrUnsupported, `offset 0x0: no symbol table: the object was stripped; strip with llvm-strip -g, which keeps symbols`},
		"two symbol tabs":  {func(p patcher) []byte { p.u32(p.header(shstrtab)+4, 3); p.u32(p.header(maps)+4, 2); return p.image }, elf.ErrMalformed, `section ".symtab"+0x0: a second symbol table`},
		"part of a symbol": {func(p patcher) []byte { p.u64(p.header(symtab)+32, 25); return p.image }, elf.ErrMalformed, `section ".symtab"+0x0: 25 bytes are not a whole number of 24-byte symbols`},
		"no string table":  {func(p patcher) []byte { p.u32(p.header(symtab)+40, xdp); return p.image }, elf.ErrMalformed, `section ".symtab"+0x0: names in section 1, which is no string table`},
		"far string table": {func(p patcher) []byte { p.u32(p.header(symtab)+40, 1<<31); return p.image }, elf.ErrMalformed, `section ".symtab"+0x0: names in section 2147483648, which is no string table`},
		"strings open":     {func(p patcher) []byte { p.u64(p.header(strtab)+32, 5); return p.image }, elf.ErrMalformed, `section ".strtab"+0x5: string table does not end with a NUL`},
		"symbol name":      {func(p patcher) []byte { p.u32(p.contents(symtab)+24, 9999); return p.image }, elf.ErrMalformed, `section ".symtab"+0x18: name of symbol 1 at 0x270f is outside the 46-byte string table`},
		"symbol section":   {func(p patcher) []byte { p.u16(p.contents(symtab)+24+6, 99); return p.image }, elf.ErrMalformed, `section ".symtab"+0x18: symbol 1 is in section 99 of 8`},
		"extended index":   {func(p patcher) []byte { p.u16(p.contents(symtab)+24+6, 0xffff); return p.image }, elf.ErrUnsupported, `section ".symtab"+0x18: symbol 1 uses extended section indices (65,280 sections or more)`},
		"symbol too large": {func(p patcher) []byte { p.u64(p.contents(symtab)+4*24+16, 17); return p.image }, elf.ErrMalformed, `section "xdp"+0x0 (symbol "drop"): symbol of 17 bytes ends outside its 16-byte section`},
		"symbol too far":   {func(p patcher) []byte { p.u64(p.contents(symtab)+4*24+8, 17); return p.image }, elf.ErrMalformed, `section "xdp"+0x11 (symbol "drop"): symbol of 16 bytes ends outside its 16-byte section`},
		"symbol overflows": {func(p patcher) []byte { p.u64(p.contents(symtab)+4*24+16, 1<<64-1); return p.image }, elf.ErrMalformed, `section "xdp"+0x0 (symbol "drop"): symbol of 18446744073709551615 bytes ends outside its 16-byte section`},
		"not allocated": {func(p patcher) []byte {
			p.u64(p.header(maps)+8, 0)
			p.u64(p.contents(symtab)+5*24+8, 64)
			return p.image
		}, elf.ErrMalformed, `section ".maps"+0x40 (symbol "hits"): symbol of 32 bytes ends outside its 64-byte section`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			for _, bigEndian := range []bool{false, true} {
				f, err := elf.Parse(tt.damage(patch(sample(bigEndian))))
				if err == nil {
					t.Fatal("accepted")
				}
				if err.Error() != tt.message {
					t.Errorf("big endian %t:\ngot  %v\nwant %s", bigEndian, err, tt.message)
				}
				var e *elf.Error
				if !errors.Is(err, tt.sentinel) || !errors.As(err, &e) || f != nil {
					t.Errorf("error %#v, file %v", err, f)
				}
			}
		})
	}
}

func TestSecondRelocationSection(t *testing.T) {
	var o elftest.Object
	code := o.Code("xdp", elftest.Ret0, elftest.Exit)
	for range 2 {
		o.Section(elftest.Section{Name: ".relxdp", Type: elf.SHTRel, Data: make([]byte, 16), Info: uint32(code)})
	}
	_, err := elf.Parse(o.Bytes())
	const want = `section ".relxdp"+0x0: a second relocation section for section "xdp"`
	if err == nil || err.Error() != want || !errors.Is(err, elf.ErrUnsupported) {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

// What does not concern a loader is no reason to refuse an object.
func TestHarmless(t *testing.T) {
	tests := map[string]func(o *elftest.Object){
		"unwind tables with addends": func(o *elftest.Object) {
			frame := o.Section(elftest.Section{Name: ".eh_frame", Flags: elf.SHFAlloc, Data: make([]byte, 8)})
			o.Section(elftest.Section{Name: ".rela.eh_frame", Type: elf.SHTRela, Info: uint32(frame)})
		},
		"debug information with addends": func(o *elftest.Object) {
			info := o.Section(elftest.Section{Name: ".debug_info", Data: make([]byte, 8)})
			o.Section(elftest.Section{Name: ".rela.debug_info", Type: elf.SHTRela, Info: uint32(info)})
		},
		"compressed debug information": func(o *elftest.Object) {
			o.Section(elftest.Section{Name: ".debug_info", Flags: 1 << 11, Data: make([]byte, 8)})
		},
		"symbols of debug information": func(o *elftest.Object) {
			str := o.Section(elftest.Section{Name: ".debug_str", Data: make([]byte, 8)})
			o.Object("far", str, 100, 100)
		},
		"machine of the first LLVM": func(o *elftest.Object) { o.NoMachine = true },
		"symbol at the end":         func(o *elftest.Object) { o.Object("_end", o.Data(".data", make([]byte, 8)), 8, 0) },
		"empty sections":            func(o *elftest.Object) { o.Section(elftest.Section{Name: ".text", Flags: elf.SHFExecinstr}) },
		"sections without a name":   func(o *elftest.Object) { o.Section(elftest.Section{Data: make([]byte, 8)}) },
	}
	for name, add := range tests {
		t.Run(name, func(t *testing.T) {
			var o elftest.Object
			add(&o)
			if _, err := elf.Parse(o.Bytes()); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestErrorText(t *testing.T) {
	cause := elf.Malformed("broken")
	tests := map[string]struct {
		err  elf.Error
		want string
	}{
		"everything":      {elf.Error{File: "a.o", Section: ".maps", Offset: 64, Kind: "map", Symbol: "m", Err: cause}, `a.o: section ".maps"+0x40 (map "m"): broken`},
		"file":            {elf.Error{File: "dir/a b.o", Err: cause}, `dir/a b.o: offset 0x0: broken`},
		"terminal codes":  {elf.Error{File: "a\x1b[31m.o", Err: cause}, `"a\x1b[31m.o": offset 0x0: broken`},
		"not utf-8":       {elf.Error{File: "a\xff.o", Err: cause}, `"a\xff.o": offset 0x0: broken`},
		"symbol":          {elf.Error{Symbol: "f\n", Err: cause}, `symbol "f\n": broken`},
		"symbol at place": {elf.Error{Offset: 8, Kind: "program", Symbol: "f", Err: cause}, `offset 0x8 (program "f"): broken`},
		"C1 and bidi":     {elf.Error{File: "a\u009b\u202e.o", Err: cause}, `"a\u009b\u202e.o": offset 0x0: broken`},
		"raw message":     {elf.Error{Err: elf.Malformed("struct %s", "ä\n\x1b[2J\u202e\xff")}, `offset 0x0: struct ä\n\x1b[2J\u202e\xff`},
		"section":         {elf.Error{Section: "a\"b", Symbol: "f", Err: cause}, `section "a\"b"+0x0 (symbol "f"): broken`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := tt.err.Error(); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if !errors.Is(&tt.err, elf.ErrMalformed) || errors.Is(&tt.err, elf.ErrUnsupported) {
				t.Error("the cause is lost")
			}
		})
	}
}

// What may share bytes: tables of strings, empty sections and those without bytes.
func TestSharedBytes(t *testing.T) {
	const maps, strtab, shstrtab = 2, 6, 7
	for name, damage := range map[string]func(p patcher, of func(section int) uint64){
		"strings":  func(p patcher, of func(int) uint64) { p.u64(p.header(strtab)+32, of(shstrtab)+50-of(strtab)) },
		"empty":    func(p patcher, of func(int) uint64) { p.u64(p.header(maps)+24, of(1)+8); p.u64(p.header(maps)+32, 0) },
		"no bytes": func(p patcher, of func(int) uint64) { p.u64(p.header(maps)+24, of(1)); p.u32(p.header(maps)+4, 8) },
	} {
		t.Run(name, func(t *testing.T) {
			p := patch(sample(false))
			damage(p, func(section int) uint64 { return p.order.Uint64(p.image[p.header(section)+24:]) })
			if _, err := elf.Parse(p.image); err != nil && strings.Contains(err.Error(), "overlap") {
				t.Error(err)
			}
		})
	}
}
