// SPDX-License-Identifier: MIT

package sys

import "unsafe"

// Bytes points at the first byte of b; nil for an empty slice.
func Bytes(b []byte) Pointer {
	if len(b) == 0 {
		return Pointer{}
	}
	return Pointer{p: unsafe.Pointer(unsafe.SliceData(b))}
}

// Int32s points at the first element of s; nil for an empty slice.
func Int32s(s []int32) Pointer {
	if len(s) == 0 {
		return Pointer{}
	}
	return Pointer{p: unsafe.Pointer(unsafe.SliceData(s))}
}

// Slice points at the first element of s; nil for an empty slice.
func Slice[T uint32 | uint64](s []T) Pointer {
	if len(s) == 0 {
		return Pointer{}
	}
	return Pointer{p: unsafe.Pointer(unsafe.SliceData(s))}
}

// Of points at *v.
func Of[T any](v *T) Pointer { return Pointer{p: unsafe.Pointer(v)} }

// CString points at a NUL-terminated copy of s. The caller has made sure that s
// holds no NUL.
func CString(s string) Pointer {
	b := make([]byte, len(s)+1)
	copy(b, s)
	return Pointer{p: unsafe.Pointer(&b[0])}
}

// IsNil says whether the pointer points nowhere.
func (p Pointer) IsNil() bool { return p.p == nil }

// Peek returns the n bytes that the pointer points at, which the kernel, or a
// stand-in for it, may write. The caller knows that there are as many.
func (p Pointer) Peek(n int) []byte {
	if p.p == nil || n == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(p.p), n)
}

// String returns the NUL-terminated string that the pointer points at.
func (p Pointer) String() string {
	if p.p == nil {
		return ""
	}
	n := 0
	for *(*byte)(unsafe.Add(p.p, n)) != 0 {
		n++
	}
	return unsafe.String((*byte)(p.p), n)
}

// As returns what p points at as a T.
func As[T any](p Pointer) *T { return (*T)(p.p) }
