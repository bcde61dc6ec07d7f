// SPDX-License-Identifier: MIT

package hostile

import (
	"fmt"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/internal/elftest"
)

// headers lie about sections: where they are, how long, how many.
var headers = []Object{
	{Name: "empty file", Want: "offset 0x0: not an ELF file", Build: func() []byte { return nil }},
	{Name: "magic alone", Want: "offset 0x4: file ends within the 64-byte ELF header", Build: func() []byte { return []byte("\x7fELF") }},
	{Name: "header alone", Want: "offset 0x28: section table at 0x80 is outside the 64-byte file", Build: func() []byte { return (&elftest.Object{}).Bytes()[:64] }},
	{Name: "section table beyond the file", Want: "offset 0x28: section table at 0x10000000000 is outside the 568-byte file", Build: lie(func(p patched) { p.put64(headerSectionOffset, 1<<40) })},
	{Name: "section table that wraps", Want: "offset 0x28: section table at 0xffffffffffffffc0 is outside the 568-byte file", Build: lie(func(p patched) { p.put64(headerSectionOffset, 1<<64-64) })},
	{Name: "section headers of one byte", Want: "offset 0x3a: section headers of 1 bytes, want 64", Build: lie(func(p patched) { p.put16(headerSectionSize, 1) })},
	{Name: "2^40 sections", Want: "offset 0x3c: 1099511627776 section headers at 0xb8 do not fit the 568-byte file", Build: lie(func(p patched) {
		p.put16(headerSectionCount, 0)
		p.put64(p.section(0)+sectionSize, 1<<40)
	})},
	{Name: "names in a section that is not there", Want: "offset 0x3e: section name table index 65279 of 6 sections", Build: lie(func(p patched) { p.put16(headerNames, 0xfeff) })},
	{Name: "names without an end", Want: "offset 0x1f8: section name table does not end with a NUL", Build: lie(func(p patched) { p.put64(p.last(1)+sectionSize, 3) })},
	{Name: "name outside the names", Want: "offset 0xf8: name of section 1 at 0x80000000 is outside the 39-byte name table", Build: lie(func(p patched) { p.put32(p.section(1)+sectionName, 1<<31) })},
	{Name: "section of 2^63 bytes", Want: "offset 0xf8: section 1 claims 9223372036854775808 bytes at 0x40 of a 568-byte file", Build: lie(func(p patched) { p.put64(p.section(1)+sectionSize, 1<<63) })},
	{Name: "section that wraps", Want: "offset 0xf8: section 1 claims 18446744073709551608 bytes at 0x40 of a 568-byte file", Build: lie(func(p patched) {
		p.put64(p.section(1)+sectionOffset, 64)
		p.put64(p.section(1)+sectionSize, 1<<64-8)
	})},
	{Name: "section that ends beyond the file", Want: "offset 0xf8: section 1 claims 16 bytes at 0x230 of a 568-byte file", Build: lie(func(p patched) { p.put64(p.section(1)+sectionOffset, uint64(len(p)-8)) })},
	{Name: "compressed to nothing", Want: `section "xdp"+0x0: the section is compressed: link without --compress-sections`, Build: lie(func(p patched) {
		p.put64(p.section(1)+sectionFlags, alloc|elf.SHFExecinstr|1<<11)
	})},
	{Name: "code in the middle of the header", Want: "offset 0xf8: section 1 (16 bytes at 0x0) overlaps the ELF headers", Build: lie(func(p patched) { p.put64(p.section(1)+sectionOffset, 0) })},
	{Name: "code that overlaps the symbols", Want: `section ".symtab"+0x0: section 3 (48 bytes at 0x58 of the file) overlaps section 1, "xdp"`, Build: lie(func(p patched) {
		p.put64(p.section(1)+sectionOffset, offset(p, p.last(3)))
	})},
	{Name: "maps that overlap the types", Want: `section ".BTF"+0x0: section 4 (337 bytes at 0x78 of the file) overlaps section 3, ".maps"`, Build: overlappingMaps},
	{Name: "60000 sections of the same 8 MiB of code", Want: `section "xdp"+0x0: section 4 (8388608 bytes at 0x58 of the file) overlaps section 3, "xdp"`, Build: func() []byte { return sameBytes("xdp", 60000, alloc|elf.SHFExecinstr, elf.SHTProgbits) }},
	{Name: "60000 sections of the same 8 MiB of data", Want: `section ".data.x"+0x0: section 4 (8388608 bytes at 0x58 of the file) overlaps section 3, ".data.x"`, Build: func() []byte { return sameBytes(".data.x", 60000, alloc|elf.SHFWrite, elf.SHTProgbits) }},
	{Name: "60000 sections of 1 GiB of nothing", Want: `section ".bss.x"+0x0: more than 16384 data sections`, Build: func() []byte { return sameBytes(".bss.x", 60000, alloc|elf.SHFWrite, elf.SHTNobits) }},
	{Name: "60000 relocation sections of the same records", Want: `section ".relxdp"+0x0: section 4 (1600000 bytes at 0x58 of the file) overlaps section 3, ".relxdp"`, Build: sameRelocations},
	{Name: "4 GiB of .bss", Want: `section ".bss"+0x0: 4294967296 bytes of variables: the value of a map holds at most 4294967295`, Build: func() []byte { return bss(4 * gib) }},
	{Name: "4 GiB less a byte of .bss", Build: func() []byte { return bss(4*gib - 1) }},
	{Name: "2^63 bytes of .bss", Want: `section ".bss"+0x0: 9223372036854775808 bytes of variables: the value of a map holds at most 4294967295`, Build: func() []byte { return bss(1 << 63) }},
	{Name: "license without an end", Build: func() []byte {
		o := &elftest.Object{}
		program(o)
		o.Data("license", []byte("GPL"))
		return o.Bytes()
	}},
}

// lie builds a sound object of one program and patches it.
func lie(patch func(p patched)) func() []byte {
	return func() []byte {
		o := &elftest.Object{}
		program(o)
		return build(o, patch)
	}
}

func offset(p patched, section int) uint64 {
	var v uint64
	for i := range 8 {
		v |= uint64(p[section+sectionOffset+i]) << (8 * i)
	}
	return v
}

// overlappingMaps has a .maps whose bytes are those of .BTF.
func overlappingMaps() []byte {
	image := patched(oneMap(func(b *elftest.BTF) []elftest.Member { return hash(b, b.Int("int", 4, 0)) }))
	image.put64(image.section(3)+sectionOffset, offset(image, image.section(4)))
	return image
}

// sameBytes has n sections of the same name, flags and contents.
func sameBytes(name string, n int, flags uint64, typ elf.SectionType) []byte {
	o := &elftest.Object{}
	program(o)
	data := make([]byte, 8<<20)
	for i := 7; i < len(data); i += 8 {
		data[i-7] = 0x95
	}
	first := o.Section(elftest.Section{Name: name, Data: data, Flags: flags})
	for range n - 1 {
		o.Section(elftest.Section{Name: name, Type: elf.SHTNobits, Size: gib, Flags: flags})
	}
	for i := range 3 {
		o.Func(fmt.Sprint("f", i), first+i, 0, 8)
	}
	return build(o, func(p patched) {
		if typ == elf.SHTNobits {
			return
		}
		for i := first; i < first+n; i++ {
			p.put32(p.section(i)+sectionType, uint32(typ))
			p.put64(p.section(i)+sectionOffset, offset(p, p.section(first)))
			p.put64(p.section(i)+sectionSize, uint64(len(data)))
		}
	})
}

// sameRelocations has one table of relocations, of which 60000 sections say that
// it is theirs, all for the one program.
func sameRelocations() []byte {
	o := &elftest.Object{}
	section := program(o)
	symbol := o.SectionSymbol(section)
	records := make([]byte, 0, 16*100_000)
	for range 100_000 {
		records = o.Order().AppendUint64(records, 0)
		records = o.Order().AppendUint64(records, uint64(symbol)<<32|rel64)
	}
	const n = 60000
	first := o.Section(elftest.Section{Name: ".relxdp", Type: elf.SHTRel, Data: records, Info: uint32(section)})
	for range n - 1 {
		o.Section(elftest.Section{Name: ".relxdp", Type: elf.SHTRel, Info: uint32(section)})
	}
	return build(o, func(p patched) {
		for i := first; i < first+n; i++ {
			at := p.section(i)
			p.put32(at+sectionLink, uint32(p.sections()-3))
			p.put64(at+sectionOffset, offset(p, p.section(first)))
			p.put64(at+sectionSize, uint64(len(records)))
			p.put64(at+sectionEntry, 16)
		}
	})
}

func bss(size uint64) []byte {
	o := &elftest.Object{}
	program(o)
	o.Object("x", o.Bss(".bss", size), 0, size)
	return o.Bytes()
}
