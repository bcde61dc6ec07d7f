// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// object is a header with two sections: null and one of n bytes.
func object(order binary.AppendByteOrder, n int) []byte {
	mark := byte(1)
	if order.String() == "BigEndian" {
		mark = 2
	}
	o := append([]byte("\x7fELF\x02"), mark, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	o = order.AppendUint16(o, 1)
	o = order.AppendUint16(o, 247)
	o = order.AppendUint32(o, 1)
	o = order.AppendUint64(o, 0)
	o = order.AppendUint64(o, 0)
	o = order.AppendUint64(o, uint64(64+n))
	o = order.AppendUint32(o, 0)
	for _, half := range []uint16{64, 0, 0, 64, 2, 0} {
		o = order.AppendUint16(o, half)
	}
	o = append(o, make([]byte, n+64)...)
	o = order.AppendUint32(o, 0)
	o = order.AppendUint32(o, 1)
	o = order.AppendUint64(o, 0)
	o = order.AppendUint64(o, 0)
	o = order.AppendUint64(o, 64)
	o = order.AppendUint64(o, uint64(n))
	return append(o, make([]byte, 24)...)
}

func TestCarve(t *testing.T) {
	little, big := object(binary.LittleEndian, 8), object(binary.BigEndian, 24)
	lying := object(binary.LittleEndian, 8)
	binary.LittleEndian.PutUint64(lying[40:], 1<<60)
	program := slices.Concat([]byte("\x7fELF\x02\x01\x01 a program "), lying, little, []byte("gap"), big, little)
	for name, tc := range map[string]struct {
		file string
		data []byte
		want map[string][]byte
	}{
		"an object":       {"x.bpf.o", little, map[string][]byte{"x.bpf.o": little}},
		"inside":          {"tool", program, map[string][]byte{"tool.0.o": little, "tool.1.o": big}},
		"no object":       {"tool", []byte("\x7fELF"), nil},
		"headers cut off": {"x.o", little[:len(little)-1], nil},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := carve(dir, tc.file, tc.data, map[[32]byte]bool{}); err != nil {
				t.Fatal(err)
			}
			entries, err := os.ReadDir(dir)
			if err != nil {
				t.Fatal(err)
			}
			if len(entries) != len(tc.want) {
				t.Errorf("got %d files, want %d", len(entries), len(tc.want))
			}
			for file, want := range tc.want {
				if got, _ := os.ReadFile(filepath.Join(dir, file)); !bytes.Equal(got, want) {
					t.Errorf("%s: got %d bytes, want %d", file, len(got), len(want))
				}
			}
		})
	}
}
