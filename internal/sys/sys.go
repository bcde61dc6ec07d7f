// SPDX-License-Identifier: MIT

// Package sys is where this project meets the operating system: bpf(2) with one
// typed attribute for each command, and the few file operations that a load
// makes on a bpffs.
//
// [Kernel] is the whole surface. [Host] is the running kernel; package systest
// has a stand-in that records every call and can make each of them fail.
package sys

import "golang.org/x/sys/unix"

// A Kernel carries out system calls. Errors are unix.Errno values, as the kernel
// gave them. All methods may be called from several goroutines.
type Kernel interface {
	// BPF issues the command that attr belongs to and returns what the
	// kernel returned: a descriptor, or 0.
	BPF(attr Attr) (int, error)
	// Close closes a descriptor.
	Close(fd int) error

	Files
	Process
}

// Files are the operations on directories and their entries. Paths are absolute.
type Files interface {
	// OpenDir opens a directory for Flock; the last component must not be a
	// symbolic link.
	OpenDir(path string) (int, error)
	// Lstat describes what stands at path itself.
	Lstat(path string) (Stat, error)
	// FSType returns the magic number of the file system that holds path.
	FSType(path string) (int64, error)
	// ReadDir returns the names in a directory, sorted, without "." and "..".
	ReadDir(path string) ([]string, error)
	// Readlink returns what the symbolic link at path says.
	Readlink(path string) (string, error)
	Mkdir(path string, mode uint32) error
	Rmdir(path string) error
	Unlink(path string) error
	// Rename moves an entry; flags are RENAME_NOREPLACE or RENAME_EXCHANGE.
	Rename(from, to string, flags uint) error
	Chmod(path string, mode uint32) error
	Chown(path string, uid, gid int) error
	// Flock takes (LOCK_EX, with or without LOCK_NB) or gives back a lock.
	Flock(fd, how int) error
	// MountBPFFS mounts a new bpffs on a directory.
	MountBPFFS(path string) error
	// UID is the user whose files we make.
	UID() uint32
}

// Process are the operations on this process.
type Process interface {
	// Mmap maps length bytes of a map, shared, for reading and writing, at addr
	// unless that is 0.
	Mmap(fd int, addr uint64, length int) ([]byte, error)
	Munmap(b []byte) error
	// Capabilities returns the effective set, bit n for capability n.
	Capabilities() (uint64, error)
	// RaiseMemlock lifts the limit that kernels before 5.11 charge maps to.
	RaiseMemlock() error
	// GrowFiles makes room for n descriptors at once, given an open one. In a
	// process with threads every doubling of the table waits for an RCU
	// grace period.
	GrowFiles(fd, n int) error
}

// A Stat is what a load wants to know of a directory entry.
type Stat struct {
	Mode uint32 // type and permissions, S_IF*
	UID  uint32
	GID  uint32
	Dev  uint64
	Ino  uint64
}

// IsDir says whether the entry is a directory.
func (s Stat) IsDir() bool { return s.Mode&unix.S_IFMT == unix.S_IFDIR }

// IsLink says whether the entry is a symbolic link.
func (s Stat) IsLink() bool { return s.Mode&unix.S_IFMT == unix.S_IFLNK }

// BPFFSMagic is the f_type of a bpffs, BPF_FS_MAGIC.
const BPFFSMagic = 0xcafe4a11
