// SPDX-License-Identifier: MIT

// Package law holds what the fuzz targets demand of every decoder: an error with a
// place and nothing beside it, the same answer twice, and memory in proportion to
// the input.
package law

import (
	"errors"
	"runtime"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/bpfload/bpfload/elf"
)

// base is what any input may cost, however short.
const base = 1 << 20

// Memory runs fn and fails the test if that allocates more than perByte bytes for
// each byte of an input of size bytes, beside a mebibyte for any input. Fn may run
// several times, since other goroutines allocate as well.
func Memory(t testing.TB, size, perByte int, fn func()) {
	t.Helper()
	limit := base + uint64(perByte)*uint64(size)
	var least uint64
	for range 3 {
		if least = Allocated(fn); least <= limit {
			return
		}
	}
	t.Fatalf("%d bytes were allocated for an input of %d", least, size)
}

// Allocated returns the bytes that fn, and whatever else runs meanwhile, allocates.
func Allocated(fn func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	fn()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// Same fails the test unless two readings of one input ended alike.
func Same(t testing.TB, first, second error) {
	t.Helper()
	if (first == nil) != (second == nil) || first != nil && first.Error() != second.Error() {
		t.Fatalf("%v, then %v", first, second)
	}
}

// Located fails the test unless err is or wraps an [elf.Error] of a known class
// that names a place, with a message that a terminal shows as it is.
func Located(t testing.TB, err error) {
	t.Helper()
	var place *elf.Error
	if !errors.As(err, &place) {
		t.Fatalf("%T: %v has no place", err, err)
	}
	if !errors.Is(err, elf.ErrMalformed) && !errors.Is(err, elf.ErrUnsupported) {
		t.Fatalf("%v has no class", err)
	}
	Plain(t, err.Error())
}

// Plain fails the test unless a terminal shows text as it is.
func Plain(t testing.TB, text string) {
	t.Helper()
	if !utf8.ValidString(text) {
		t.Fatalf("%q is no UTF-8", text)
	}
	for _, r := range text {
		if r != '\n' && !unicode.IsPrint(r) {
			t.Fatalf("%q has %q in it", text, r)
		}
	}
}
