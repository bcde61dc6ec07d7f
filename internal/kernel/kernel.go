// SPDX-License-Identifier: MIT

// Package kernel holds facts about a kernel: its types, symbols, configuration,
// version and CPUs. The running kernel's are read from /sys, /proc and /boot, each
// when first asked for and once per process; a [Source] puts recorded files in
// their place.
//
// It makes no bpf(2) calls: [OpenModules] takes those it needs as an interface.
package kernel

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"sync"
)

// A Source says where facts come from. The zero Source is the running kernel.
type Source struct {
	// FS is the root of the file system that holds sys, proc and boot; nil
	// for the machine's own.
	FS fs.FS
	// BTF takes the place of the kernel's types and those of its modules:
	// raw BTF, or an ELF file with a .BTF section. It is checked in full.
	BTF []byte
	// Config is consulted before the kernel's own configuration, which is
	// not read if Config answers everything: text, or text compressed with
	// gzip.
	Config []byte
	// Uname takes the place of uname(2).
	Uname func() (Uname, error)
}

// A Kernel answers questions about one kernel. Its methods may be called from
// several goroutines.
type Kernel struct {
	fs    fs.FS
	uname func() (Uname, error)

	types   func() (*Types, error)
	given   func() (*Config, error)
	config  func() (*Config, error)
	version func() (uint32, error)
	symbols symbols
}

// New returns a Kernel that reads from src.
func New(src Source) *Kernel {
	k := &Kernel{fs: src.FS, uname: src.Uname}
	if k.fs == nil {
		k.fs = os.DirFS("/")
	}
	if k.uname == nil {
		k.uname = uname
	}
	k.types = sync.OnceValues(func() (*Types, error) {
		if src.BTF != nil {
			return readTypes(src.BTF)
		}
		return runningTypes(k.fs)
	})
	k.given = sync.OnceValues(func() (*Config, error) { return readConfig(src.Config) })
	k.config = sync.OnceValues(k.readConfig)
	k.version = sync.OnceValues(k.readVersion)
	k.symbols.fs = k.fs
	return k
}

// Running returns the kernel that this process runs on, always the same Kernel.
var Running = sync.OnceValue(func() *Kernel { return New(Source{}) })

// ErrNoBTF says that the kernel does not describe its types.
var ErrNoBTF = errors.New("the kernel has no BTF: /sys/kernel/btf/vmlinux is missing (CONFIG_DEBUG_INFO_BTF)")

// Types returns the types of the kernel; [ErrNoBTF] if it has none.
func (k *Kernel) Types() (*Types, error) { return k.types() }

// PageSize returns the size of a page in bytes.
func (k *Kernel) PageSize() int { return os.Getpagesize() }

// contents returns the bytes of a file: mapped where that can be done (the kernel's
// BTF since Linux 6.16), else read.
func contents(fsys fs.FS, name string) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if data, ok := mmap(f, st.Size()); ok {
		return data, nil
	}
	// A file of /proc claims to be empty.
	const limit = 1 << 28
	data := make([]byte, 0, min(max(st.Size(), 0), limit)+512)
	for {
		n, err := f.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
		if err == io.EOF {
			return data, nil
		}
		if err != nil {
			return nil, err
		}
		if len(data) > limit {
			return nil, &fs.PathError{Op: "read", Path: name, Err: errors.New("more than 256 MiB")}
		}
		if len(data) == cap(data) {
			data = append(data, 0)[:len(data)]
		}
	}
}
