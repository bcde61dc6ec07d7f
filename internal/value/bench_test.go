// SPDX-License-Identifier: MIT

package value_test

import (
	"testing"

	"github.com/bpfload/bpfload/internal/value"
)

func BenchmarkAppend(b *testing.B) {
	s, k := types(b, false)
	for _, typ := range []string{"__u32", "limits", "nested", "char[8]"} {
		b.Run(typ, func(b *testing.B) {
			data := make([]byte, size(b, s, k[typ]))
			var buf []byte
			b.ReportAllocs()
			for b.Loop() {
				var err error
				if buf, err = value.Append(buf[:0], s, k[typ], data); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
