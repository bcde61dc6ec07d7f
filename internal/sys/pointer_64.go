// SPDX-License-Identifier: MIT

//go:build amd64 || arm64 || loong64 || mips64 || mips64le || ppc64 || ppc64le || riscv64 || s390x

package sys

import "unsafe"

// A Pointer is an address within an attribute, 64 bits wide on every machine. The
// garbage collector sees it.
type Pointer struct {
	p unsafe.Pointer
}
