// SPDX-License-Identifier: MIT

package kernel

import (
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// mmap maps a file of the kernel's, for the life of the process. Other files are
// refused: they might shrink while they are in use.
func mmap(f fs.File, size int64) ([]byte, bool) {
	file, ok := f.(*os.File)
	if !ok || size <= 0 || size > 1<<30 {
		return nil, false
	}
	var st unix.Statfs_t
	if err := unix.Fstatfs(int(file.Fd()), &st); err != nil || int64(st.Type) != unix.SYSFS_MAGIC {
		return nil, false
	}
	data, err := unix.Mmap(int(file.Fd()), 0, int(size), unix.PROT_READ, unix.MAP_PRIVATE)
	return data, err == nil
}
