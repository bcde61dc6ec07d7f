// SPDX-License-Identifier: MIT

//go:build linux

package sys

import (
	"os"
	"runtime"
	"slices"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Host is the running kernel.
type Host struct{}

// attempts bounds how often a command is issued that the kernel answers with
// EAGAIN or EINTR.
const attempts = 8

// BPF issues a command. A verification that a signal interrupts ends with EAGAIN
// and its work is lost, so that the runtime's and a profiler's signals are held back
// meanwhile: the runtime sends one to a thread that has been busy for 10 ms.
func (Host) BPF(attr Attr) (int, error) {
	cmd, ptr, size := attr.call()
	call := bpf
	if cmd == CmdProgLoad {
		call = bpfMasked
	}
	fd, err := call(cmd, ptr, size)
	if err == unix.EAGAIN || err == unix.EINTR {
		fd, err = bpfAgain(cmd, ptr, size)
	}
	runtime.KeepAlive(attr)
	if err != 0 {
		return -1, err
	}
	return fd, nil
}

func bpf(cmd Cmd, ptr unsafe.Pointer, size uintptr) (int, unix.Errno) {
	r, _, err := unix.Syscall(unix.SYS_BPF, uintptr(cmd), uintptr(ptr), size)
	return int(r), err
}

// bpfMasked issues a command during which only signals for the process arrive.
func bpfMasked(cmd Cmd, ptr unsafe.Pointer, size uintptr) (int, unix.Errno) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var old, held unix.Sigset_t
	for _, sig := range []unix.Signal{unix.SIGPROF, unix.SIGURG} {
		bit := uint(sig) - 1
		word := unsafe.Sizeof(held.Val[0]) * 8
		held.Val[bit/uint(word)] |= 1 << (bit % uint(word))
	}
	if unix.PthreadSigmask(unix.SIG_BLOCK, &held, &old) == nil {
		defer unix.PthreadSigmask(unix.SIG_SETMASK, &old, nil)
	}
	return bpf(cmd, ptr, size)
}

// bpfAgain issues a command until the kernel has time for it, a bounded number of
// times.
func bpfAgain(cmd Cmd, ptr unsafe.Pointer, size uintptr) (fd int, err unix.Errno) {
	for i := range attempts {
		fd, err = bpfMasked(cmd, ptr, size)
		if err != unix.EAGAIN && err != unix.EINTR {
			break
		}
		time.Sleep(time.Duration(1<<i) * 100 * time.Microsecond)
	}
	return fd, err
}

// Close implements [Kernel].
func (Host) Close(fd int) error { return unix.Close(fd) }

// OpenDir implements [Files].
func (Host) OpenDir(path string) (int, error) {
	return retry(func() (int, error) {
		return unix.Open(path, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	})
}

// Lstat implements [Files].
func (Host) Lstat(path string) (Stat, error) {
	var st unix.Stat_t
	if err := unix.Lstat(path, &st); err != nil {
		return Stat{}, err
	}
	return Stat{Mode: st.Mode, UID: st.Uid, GID: st.Gid, Dev: uint64(st.Dev), Ino: st.Ino}, nil
}

// FSType implements [Files].
func (Host) FSType(path string) (int64, error) {
	var st unix.Statfs_t
	_, err := retry(func() (int, error) { return 0, unix.Statfs(path, &st) })
	return int64(uint32(st.Type)), err
}

// ReadDir implements [Files].
func (Host) ReadDir(path string) ([]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, errno(err)
	}
	defer f.Close()
	names, err := f.Readdirnames(-1)
	if err != nil {
		return nil, errno(err)
	}
	slices.Sort(names)
	return names, nil
}

// Readlink implements [Files].
func (Host) Readlink(path string) (string, error) {
	s, err := os.Readlink(path)
	return s, errno(err)
}

// Mkdir implements [Files].
func (Host) Mkdir(path string, mode uint32) error { return unix.Mkdir(path, mode) }

// Rmdir implements [Files].
func (Host) Rmdir(path string) error { return unix.Rmdir(path) }

// Unlink implements [Files].
func (Host) Unlink(path string) error { return unix.Unlink(path) }

// Rename implements [Files].
func (Host) Rename(from, to string, flags uint) error {
	return unix.Renameat2(unix.AT_FDCWD, from, unix.AT_FDCWD, to, flags)
}

// Chmod implements [Files].
func (Host) Chmod(path string, mode uint32) error { return unix.Chmod(path, mode) }

// Chown implements [Files].
func (Host) Chown(path string, uid, gid int) error { return unix.Lchown(path, uid, gid) }

// Flock implements [Files].
func (Host) Flock(fd, how int) error {
	_, err := retry(func() (int, error) { return 0, unix.Flock(fd, how) })
	return err
}

// MountBPFFS implements [Files].
func (Host) MountBPFFS(path string) error {
	return unix.Mount("bpf", path, "bpf", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, "mode=0700")
}

// UID implements [Files].
func (Host) UID() uint32 { return uint32(os.Geteuid()) }

// Munmap implements [Process].
func (Host) Munmap(b []byte) error {
	return unix.MunmapPtr(unsafe.Pointer(unsafe.SliceData(b)), uintptr(len(b)))
}

// Mmap implements [Process].
func (Host) Mmap(fd int, addr uint64, length int) ([]byte, error) {
	flags := unix.MAP_SHARED
	if addr != 0 {
		flags |= unix.MAP_FIXED_NOREPLACE
	}
	p, err := unix.MmapPtr(fd, 0, unsafe.Add(nil, uintptr(addr)), uintptr(length), unix.PROT_READ|unix.PROT_WRITE, flags)
	if err != nil {
		return nil, err
	}
	return unsafe.Slice((*byte)(p), length), nil
}

// Capabilities implements [Process].
func (Host) Capabilities() (uint64, error) {
	hdr := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if err := unix.Capget(&hdr, &data[0]); err != nil {
		return 0, err
	}
	return uint64(data[1].Effective)<<32 | uint64(data[0].Effective), nil
}

// RaiseMemlock implements [Process].
func (Host) RaiseMemlock() error {
	unlimited := unix.Rlimit{Cur: unix.RLIM_INFINITY, Max: unix.RLIM_INFINITY}
	return unix.Setrlimit(unix.RLIMIT_MEMLOCK, &unlimited)
}

// GrowFiles implements [Process].
func (Host) GrowFiles(fd, n int) error {
	fd, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, n-1)
	if err != nil {
		return err
	}
	return unix.Close(fd)
}

// retry repeats a call that a signal interrupted.
func retry(call func() (int, error)) (n int, err error) {
	for range attempts {
		if n, err = call(); err != unix.EINTR {
			break
		}
	}
	return n, err
}

// errno undresses the errors of package os.
func errno(err error) error {
	if err == nil {
		return nil
	}
	switch e := err.(type) {
	case *os.PathError:
		return e.Err
	case *os.SyscallError:
		return e.Err
	}
	return err
}
