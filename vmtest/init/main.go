// SPDX-License-Identifier: MIT

//go:build linux && amd64

// Command init is process 1 of the virtual machines that vmtest boots. It
// mounts the file systems BPF tests expect, loads the requested modules, runs
// one program, reports its exit status and switches the machine off.
//
// It uses the standard library only, so that it builds without any module.
package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
	"unsafe"
)

const (
	confDir    = "/vmtest"      // written by the vmtest script
	workDir    = "/vmtest/work" // working directory of the program
	outputPort = "/dev/ttyS1"   // the program's standard output and error
	statusPort = "/dev/ttyS2"   // one line for the vmtest script

	sysFinitModule = 313 // finit_module(2) on amd64
)

var mounts = []struct {
	source, target, fstype, data string
	optional                     bool
}{
	{"devtmpfs", "/dev", "devtmpfs", "mode=0755", false},
	{"proc", "/proc", "proc", "", false},
	{"sysfs", "/sys", "sysfs", "", false},
	{"devpts", "/dev/pts", "devpts", "mode=0620,ptmxmode=0666", false},
	{"tmpfs", "/dev/shm", "tmpfs", "mode=1777", false},
	{"tmpfs", "/tmp", "tmpfs", "mode=1777", false},
	{"tmpfs", "/run", "tmpfs", "mode=0755", false},
	{"cgroup2", "/sys/fs/cgroup", "cgroup2", "", false},
	{"bpf", "/sys/fs/bpf", "bpf", "mode=0700", false},
	{"debugfs", "/sys/kernel/debug", "debugfs", "", true},
	{"tracefs", "/sys/kernel/tracing", "tracefs", "", true},
	{"securityfs", "/sys/kernel/security", "securityfs", "", true},
}

func main() {
	booted := uptime()
	code, err := run()
	if err != nil {
		fmt.Fprintln(os.Stderr, "vmtest init:", err)
		report(fmt.Sprintf("error %v\n", err))
	} else {
		report(fmt.Sprintf("exit %d %.2f %.2f\n", code, booted, uptime()-booted))
	}
	syscall.Sync()
	// The virtual machine is started so that a restart ends it.
	syscall.Reboot(syscall.LINUX_REBOOT_CMD_RESTART)
	select {}
}

func run() (int, error) {
	for _, m := range mounts {
		if err := os.MkdirAll(m.target, 0o755); err != nil && !m.optional {
			return 0, err
		}
		if err := syscall.Mount(m.source, m.target, m.fstype, 0, m.data); err != nil && !m.optional {
			return 0, fmt.Errorf("mount %s: %w", m.target, err)
		}
	}
	for name, target := range map[string]string{
		"fd": "/proc/self/fd", "stdin": "fd/0", "stdout": "fd/1", "stderr": "fd/2",
	} {
		os.Symlink(target, filepath.Join("/dev", name))
	}
	syscall.Sethostname([]byte("vmtest"))
	if err := linkUp("lo"); err != nil {
		return 0, fmt.Errorf("bring up lo: %w", err)
	}
	if err := loadModules(); err != nil {
		return 0, err
	}

	argv, err := list("argv")
	if err != nil {
		return 0, err
	}
	env, err := list("env")
	if err != nil {
		return 0, err
	}
	null, err := os.Open(os.DevNull)
	if err != nil {
		return 0, err
	}
	out, err := openPort(outputPort)
	if err != nil {
		return 0, err
	}
	pid, err := syscall.ForkExec(argv[0], argv, &syscall.ProcAttr{
		Dir:   workDir,
		Env:   env,
		Files: []uintptr{null.Fd(), out.Fd(), out.Fd()},
		Sys:   &syscall.SysProcAttr{Setsid: true},
	})
	if err != nil {
		return 0, fmt.Errorf("run %s: %w", argv[0], err)
	}
	// Wait for the program, reaping whatever else ends meanwhile.
	for {
		var ws syscall.WaitStatus
		wpid, err := syscall.Wait4(-1, &ws, 0, nil)
		switch {
		case err == syscall.EINTR:
			continue
		case err != nil:
			return 0, fmt.Errorf("wait: %w", err)
		case wpid != pid:
			continue
		}
		drain(out)
		if ws.Signaled() {
			return 128 + int(ws.Signal()), nil
		}
		return ws.ExitStatus(), nil
	}
}

// list reads a file of NUL-terminated strings.
func list(name string) ([]string, error) {
	b, err := os.ReadFile(filepath.Join(confDir, name))
	if err != nil || len(b) == 0 {
		return nil, err
	}
	return strings.Split(string(bytes.TrimSuffix(b, []byte{0})), "\x00"), nil
}

// loadModules loads /vmtest/modules/NNN-*.ko in the order of their names.
func loadModules() error {
	files, err := filepath.Glob(filepath.Join(confDir, "modules", "*.ko"))
	if err != nil {
		return err
	}
	params := [1]byte{}
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			return err
		}
		_, _, errno := syscall.Syscall(sysFinitModule, f.Fd(), uintptr(unsafe.Pointer(&params[0])), 0)
		f.Close()
		if errno != 0 && errno != syscall.EEXIST {
			return fmt.Errorf("load module %s: %w", filepath.Base(file), errno)
		}
	}
	return nil
}

func linkUp(name string) error {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_DGRAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer syscall.Close(fd)
	req := struct {
		name  [syscall.IFNAMSIZ]byte
		flags uint16
		_     [22]byte
	}{flags: syscall.IFF_UP | syscall.IFF_RUNNING}
	copy(req.name[:syscall.IFNAMSIZ-1], name)
	return ioctl(uintptr(fd), syscall.SIOCSIFFLAGS, unsafe.Pointer(&req))
}

// openPort opens a serial port that passes bytes through unchanged.
func openPort(name string) (*os.File, error) {
	f, err := os.OpenFile(name, os.O_WRONLY|syscall.O_NOCTTY, 0)
	if err != nil {
		return nil, err
	}
	var t syscall.Termios
	if err := ioctl(f.Fd(), syscall.TCGETS, unsafe.Pointer(&t)); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	t.Oflag &^= syscall.OPOST
	t.Lflag &^= syscall.ECHO | syscall.ICANON | syscall.ISIG
	t.Cflag |= syscall.CLOCAL
	if err := ioctl(f.Fd(), syscall.TCSETS, unsafe.Pointer(&t)); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return f, nil
}

// drain waits until everything written to a serial port has left it.
func drain(f *os.File) {
	const tcsbrk = 0x5409
	syscall.Syscall(syscall.SYS_IOCTL, f.Fd(), tcsbrk, 1)
}

func report(line string) {
	f, err := openPort(statusPort)
	if err != nil {
		fmt.Fprintln(os.Stderr, "vmtest init:", err)
		return
	}
	f.WriteString(line)
	drain(f)
}

func ioctl(fd, req uintptr, arg unsafe.Pointer) error {
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, fd, req, uintptr(arg)); errno != 0 {
		return errno
	}
	return nil
}

// uptime is the time since the kernel started, in seconds.
func uptime() float64 {
	const clockBoottime = 7
	var ts syscall.Timespec
	syscall.Syscall(syscall.SYS_CLOCK_GETTIME, clockBoottime, uintptr(unsafe.Pointer(&ts)), 0)
	return time.Duration(ts.Nano()).Seconds()
}
