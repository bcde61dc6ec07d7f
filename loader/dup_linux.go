// SPDX-License-Identifier: MIT

package loader

import "golang.org/x/sys/unix"

// dup returns a second descriptor for what fd refers to.
func dup(fd int) (int, error) { return unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 0) }
