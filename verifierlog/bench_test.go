// SPDX-License-Identifier: MIT

package verifierlog

import (
	"strings"
	"testing"
)

// BenchmarkParse reads a log of 16 MiB, as of a program that was too complex.
func BenchmarkParse(b *testing.B) {
	for _, kernel := range []string{"5.10", "7.2"} {
		b.Run(kernel, func(b *testing.B) {
			text := readLog(b, "testdata/"+kernel+"/null_pointer_branch.log")
			body, end, _ := strings.Cut(text, "R0 invalid")
			text = strings.Repeat(body, 16<<20/len(body)) + "R0 invalid" + end
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				if l := Parse(text); l.Message() == "" {
					b.Fatal("no message")
				}
			}
		})
	}
}

func BenchmarkExplain(b *testing.B) {
	l := Parse(readLog(b, "testdata/7.2/packet_bounds.log"))
	b.ReportAllocs()
	for b.Loop() {
		if d := Explain(l, nil); d.Code == "" {
			b.Fatal("no class")
		}
	}
}
