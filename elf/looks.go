// SPDX-License-Identifier: MIT

package elf

import "bytes"

// looksLike says what a file that is no ELF file is instead, and how an object is made,
// where its first bytes tell.
func looksLike(data []byte) string {
	const compile = ": clang -O2 -g -target bpf -c FILE.c"
	switch {
	case len(data) == 0:
		return ", but empty"
	case bytes.HasPrefix(data, []byte("BC\xc0\xde")), bytes.HasPrefix(data, []byte("\xde\xc0\x17\x0b")):
		return ", but LLVM bitcode; compile without -emit-llvm and -flto" + compile
	case bytes.HasPrefix(data, []byte("!<arch>\n")):
		return ", but an archive; take the objects out of it: ar x FILE"
	case bytes.HasPrefix(data, []byte("\x1f\x8b")), bytes.HasPrefix(data, []byte("\x28\xb5\x2f\xfd")), bytes.HasPrefix(data, []byte("\xfd7zXZ")):
		return ", but compressed"
	case bytes.IndexByte(data[:min(len(data), 512)], 0) < 0 && bytes.IndexByte(data, '\n') >= 0:
		return ", but text; if it is the source, compile it" + compile
	}
	return ""
}
