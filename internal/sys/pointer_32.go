// SPDX-License-Identifier: MIT

//go:build 386 || arm || mipsle

package sys

import "unsafe"

// A Pointer is an address within an attribute, 64 bits wide on every machine. The
// garbage collector sees it.
type Pointer struct {
	p unsafe.Pointer
	_ uint32
}
