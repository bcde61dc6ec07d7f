// SPDX-License-Identifier: MIT

package attach

import (
	"encoding/binary"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// netnsPath finds a name for a network namespace.
func netnsPath(inode uint64) string {
	names, _ := filepath.Glob("/run/netns/*")
	for _, p := range append([]string{"/proc/self/ns/net", "/proc/1/ns/net"}, names...) {
		var st unix.Stat_t
		if unix.Stat(p, &st) == nil && st.Ino == inode {
			return p
		}
	}
	return ""
}

// cgroupPath finds the directory of a cgroup. Its id is its inode number, and as a
// file handle the kernel opens it without a search.
func cgroupPath(id uint64) string {
	for _, root := range cgroupMounts() {
		mount, err := unix.Open(root, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
		if err != nil {
			continue
		}
		const kernfs = 0xfe // FILEID_KERNFS
		b := make([]byte, 8)
		binary.NativeEndian.PutUint64(b, id)
		fd, err := unix.OpenByHandleAt(mount, unix.NewFileHandle(kernfs, b), unix.O_PATH|unix.O_CLOEXEC)
		unix.Close(mount)
		if err != nil {
			continue
		}
		p, err := os.Readlink(fmt.Sprintf("/proc/self/fd/%d", fd))
		unix.Close(fd)
		if err == nil && strings.HasPrefix(p, root) {
			return path.Clean(p)
		}
	}
	return ""
}

// cgroupMounts lists where cgroup2 is mounted.
func cgroupMounts() []string {
	data, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return []string{"/sys/fs/cgroup"}
	}
	var list []string
	for line := range strings.SplitSeq(string(data), "\n") {
		fields := strings.Fields(line)
		if len(fields) > 4 && strings.Contains(line, " - cgroup2 ") {
			list = append(list, fields[4])
		}
	}
	return list
}
