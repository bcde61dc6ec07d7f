// SPDX-License-Identifier: MIT

package sys

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// Scratch calls use with n zero bytes that lie outside the Go heap and are gone
// afterwards. Only the pages that are touched cost memory, which suits a buffer
// that the kernel may fill but hardly ever does.
func Scratch(n int, use func([]byte)) error {
	p, err := unix.MmapPtr(-1, 0, nil, uintptr(n), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS|unix.MAP_NORESERVE)
	if err != nil {
		return err
	}
	defer unix.MunmapPtr(p, uintptr(n))
	use(unsafe.Slice((*byte)(p), n))
	return nil
}
