// SPDX-License-Identifier: MIT

package elf_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/internal/law"
)

// symbols builds an object of n symbols whose values are in no order.
func symbols(n int) (image []byte, section int) {
	var o elftest.Object
	section = o.Data(".data", make([]byte, 64))
	for i := range n {
		o.Object("v", section, uint64((n-i)%60), 1)
	}
	return o.Bytes(), section
}

// TestMillionSymbols parses more symbols than any object has. Memory must not grow
// beyond the file, nor time much faster than the number of symbols: a million take
// a fraction of a second, but how large a one depends on what else the machine does.
func TestMillionSymbols(t *testing.T) {
	parse := func(n, tries int) (fastest time.Duration) {
		image, section := symbols(n)
		for range tries {
			var elapsed time.Duration
			used := law.Allocated(func() {
				start := time.Now()
				f, err := elf.Parse(image)
				if err != nil {
					t.Fatal(err)
				}
				if got := len(f.SymbolsIn(section)); got != n {
					t.Fatalf("%d symbols", got)
				}
				elapsed = time.Since(start)
			})
			if used > uint64(len(image))+1<<20 {
				t.Errorf("allocated %d bytes for a file of %d", used, len(image))
			}
			if fastest == 0 || elapsed < fastest {
				fastest = elapsed
			}
		}
		return fastest
	}
	few, many := parse(50_000, 3), parse(1_000_000, 1)
	t.Logf("50,000 symbols: %v, 1,000,000: %v", few, many)
}

// TestBoundedMemory parses files that claim to be large. Nothing that they claim
// is allocated.
func TestBoundedMemory(t *testing.T) {
	tests := map[string]func(p patcher){
		"sections in the null section": func(p patcher) { p.u16(60, 0); p.u64(p.shoff+32, 1<<31-1) },
		"section size":                 func(p patcher) { p.u64(p.header(2)+32, 1<<40) },
		"bss size":                     func(p patcher) { p.u64(p.header(3)+32, 1<<63) },
		"symbol table size":            func(p patcher) { p.u64(p.header(5)+32, 24<<40) },
		"string table size":            func(p patcher) { p.u64(p.header(6)+32, 1<<40) },
		"relocation section":           func(p patcher) { p.u64(p.header(4)+32, 1<<40) },
		"nothing":                      func(p patcher) {},
	}
	for name, damage := range tests {
		t.Run(name, func(t *testing.T) {
			p := patch(sample(false))
			damage(p)
			used := law.Allocated(func() {
				if f, err := elf.Parse(p.image); err == nil {
					f.SymbolsIn(1)
				}
			})
			if used > 16<<10 {
				t.Errorf("allocated %d bytes for a file of %d", used, len(p.image))
			}
		})
	}
}

func BenchmarkParse(b *testing.B) {
	var large elftest.Object
	for i := range 500 {
		code := large.Code(fmt.Sprintf("xdp/%d", i), elftest.Ret0, elftest.Exit)
		large.Func(fmt.Sprintf("program_%d", i), code, 0, 16)
		large.Rel(code, 0, 1, 1)
	}
	for name, data := range map[string][]byte{"small": read(b, "../testdata/bpf/xdp_counters.o"), "500 sections": large.Bytes()} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				f, err := elf.Parse(data)
				if err != nil {
					b.Fatal(err)
				}
				f.SymbolsIn(1)
			}
		})
	}
}
