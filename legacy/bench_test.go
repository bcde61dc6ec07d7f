// SPDX-License-Identifier: MIT

package legacy_test

import (
	"fmt"
	"testing"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/legacy"
)

func BenchmarkDecode(b *testing.B) {
	for _, n := range []int{1, 64, 4096} {
		for _, btf := range []bool{false, true} {
			o := &elftest.Object{}
			recs := make([]rec, n)
			names := make([]string, n)
			for i := range recs {
				names[i] = fmt.Sprintf("map_%d", i)
				recs[i] = rec{name: names[i], words: []uint32{1, 4, 8, 16, 0, uint32(i), 2, 0, 0}}
			}
			addMaps(o, "maps", recs...)
			if btf {
				addBTF(o, "maps", "bpf_elf_map", append(five[:5:5], "id", "pinning", "inner_id", "inner_idx"), names...)
			}
			image := o.Bytes()
			b.Run(fmt.Sprintf("maps=%d/btf=%t", n, btf), func(b *testing.B) {
				b.ReportAllocs()
				b.SetBytes(int64(len(image)))
				f, types := elftest.MustParse(b, image)
				for b.Loop() {
					if _, _, err := legacy.Decode(f, types, legacy.Options{}); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
	// Most objects have no records at all.
	o := &elftest.Object{}
	o.Func("f", o.Code("xdp", elftest.Ret0, elftest.Exit), 0, 16)
	o.Object("counter", o.Bss(".bss", 64), 0, 8)
	f, err := elf.Parse(o.Bytes())
	if err != nil {
		b.Fatal(err)
	}
	b.Run("none", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, _, err := legacy.Decode(f, nil, legacy.Options{}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
