// SPDX-License-Identifier: MIT

package reloc_test

import (
	"os"
	"testing"

	"github.com/bpfload/bpfload/reloc"
)

// benchObject is the object that benchmarks read: BPFLOAD_OBJECT, or a committed one.
func benchObject(b *testing.B) *object {
	name := os.Getenv("BPFLOAD_OBJECT")
	if name == "" {
		name = "../testdata/bpf/subprogs.o"
	}
	data, err := os.ReadFile(name)
	if err != nil {
		b.Fatal(err)
	}
	o, err := open(data, reloc.Options{})
	if err != nil {
		b.Fatal(err)
	}
	return o
}

func BenchmarkNew(b *testing.B) {
	o := benchObject(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := reloc.New(o.file, o.types, o.ext, o.maps, reloc.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkLink links every program of the object, from a fresh start.
func BenchmarkLink(b *testing.B) {
	o := benchObject(b)
	insns := 0
	b.ReportAllocs()
	for b.Loop() {
		l, err := reloc.New(o.file, o.types, o.ext, o.maps, reloc.Options{})
		if err != nil {
			b.Fatal(err)
		}
		insns = 0
		for _, p := range l.Programs() {
			if c, err := l.Link(p); err == nil {
				insns += c.Len()
			}
		}
	}
	b.ReportMetric(float64(insns), "insns")
}
