// SPDX-License-Identifier: MIT

// Package systest is a stand-in for the running kernel: it keeps maps, programs,
// BTF, links and a bpffs in memory, records every call as a line of text, and can
// make any call fail. With it a load is tested without privileges.
//
// It checks what a loader must not get wrong (descriptors that are not open, names
// that a bpffs refuses, keys of the wrong size cannot be seen from here) and
// believes everything else: programs are not verified.
package systest

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/sys"
)

// A Kernel is a [sys.Kernel] in memory. The zero value is not usable: see [New].
type Kernel struct {
	// Fail, where set, is asked before every call; n counts them from 0.
	// The call fails with what it returns, unless that is 0.
	Fail func(n int, call string) unix.Errno
	// Reject, where set, is asked about every program; a verdict other than 0
	// fails the load and log goes into the caller's buffer.
	Reject func(p Program) (errno unix.Errno, log string)
	// RejectBTF is the same for BTF.
	RejectBTF func(raw []byte) unix.Errno
	// RejectMap is the same for maps.
	RejectMap func(a *sys.MapCreate) unix.Errno
	// FuncInfoSize and LineInfoSize are the sizes of the kernel's own records.
	// As in the kernel, longer ones must end in zeros; 0 is a kernel that does
	// not know the attribute.
	FuncInfoSize, LineInfoSize uint32
	// User is the user that the caller runs as, Caps its capabilities.
	User uint32
	Caps uint64
	// Raised says whether the limit on locked memory was raised.
	Raised bool

	mu     sync.Mutex
	calls  []string
	fds    map[int]*descriptor
	root   *node
	nextID uint32
}

type descriptor struct {
	object *Object
	dir    *node
}

// An Object is a map, program, BTF or link.
type Object struct {
	Kind  string // "map", "prog", "btf", "link"
	ID    uint32
	Map   sys.MapCreate
	Inner *Object // the template of a map of maps
	Prog  Program
	BTF   []byte
	// Elems holds what was written to a map, by the bytes of the key.
	Elems  map[string][]byte
	Frozen bool
	Target *Object // of a link

	refs int
}

// A Program is what a PROG_LOAD said, pointers followed.
type Program struct {
	Attr    sys.ProgLoad
	Name    string
	License string
	Insns   []byte
	FDArray []int32
	Funcs   []uint32 // func_info, two words each
	BTF     []byte   // of prog_btf_fd
}

// New returns a kernel with an empty bpffs at /sys/fs/bpf and a root file system of
// another kind around it.
func New() *Kernel {
	k := &Kernel{fds: map[int]*descriptor{}, Caps: 1<<41 - 1, FuncInfoSize: 8, LineInfoSize: 16}
	k.root = newDir(0o755, 0)
	for _, dir := range []string{"/sys", "/sys/fs", "/sys/fs/bpf", "/run", "/tmp"} {
		k.mkdir(dir, 0o755)
	}
	k.at("/tmp").stat.Mode |= 0o1777
	k.at("/sys/fs/bpf").bpffs = true
	return k
}

// Calls returns the calls so far, one a line.
func (k *Kernel) Calls() []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Clone(k.calls)
}

// Reset forgets the calls so far.
func (k *Kernel) Reset() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.calls = nil
}

// Open returns what the open descriptors refer to, in the order of descriptors.
func (k *Kernel) Open() []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	var fds []int
	for fd := range k.fds {
		fds = append(fds, fd)
	}
	slices.Sort(fds)
	var out []string
	for _, fd := range fds {
		out = append(out, k.describe(fd))
	}
	return out
}

// Object returns what a descriptor refers to, nil for a directory or a descriptor
// that is not open.
func (k *Kernel) Object(fd int) *Object {
	k.mu.Lock()
	defer k.mu.Unlock()
	if d := k.fds[fd]; d != nil {
		return d.object
	}
	return nil
}

// enter records a call and says whether it is to fail.
func (k *Kernel) enter(format string, args ...any) error {
	call := fmt.Sprintf(format, args...)
	n := len(k.calls)
	k.calls = append(k.calls, call)
	if k.Fail == nil {
		return nil
	}
	if errno := k.Fail(n, call); errno != 0 {
		k.calls[n] += " = " + unix.ErrnoName(errno)
		return errno
	}
	return nil
}

func (k *Kernel) describe(fd int) string {
	d := k.fds[fd]
	switch {
	case d == nil:
		return fmt.Sprintf("fd:%d", fd)
	case d.dir != nil:
		return "dir"
	}
	return d.object.String()
}

// String names the object as the recorded calls do.
func (o *Object) String() string {
	switch o.Kind {
	case "map":
		return "map:" + o.Map.MapName.String()
	case "prog":
		return "prog:" + o.Prog.Name
	}
	return o.Kind
}

func (k *Kernel) newFD(d *descriptor) int {
	fd := 3
	for k.fds[fd] != nil {
		fd++
	}
	if d.object != nil {
		d.object.refs++
	}
	k.fds[fd] = d
	return fd
}

func (k *Kernel) newObject(o *Object) int {
	k.nextID++
	o.ID = k.nextID
	return k.newFD(&descriptor{object: o})
}

// Close implements [sys.Kernel]. Closing does not count as a call that can fail.
func (k *Kernel) Close(fd int) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	d := k.fds[fd]
	if d == nil {
		k.calls = append(k.calls, fmt.Sprintf("close of fd %d, which is not open", fd))
		return unix.EBADF
	}
	delete(k.fds, fd)
	if d.object != nil {
		d.object.refs--
	}
	return nil
}

// Log returns the calls whose text begins with one of the prefixes; all, without any.
func (k *Kernel) Log(prefixes ...string) []string {
	var out []string
	for _, c := range k.Calls() {
		if len(prefixes) == 0 || slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(c, p) }) {
			out = append(out, c)
		}
	}
	return out
}

var _ sys.Kernel = (*Kernel)(nil)

// CloseAll closes every descriptor, as the death of the process does.
func (k *Kernel) CloseAll() {
	k.mu.Lock()
	defer k.mu.Unlock()
	for fd, d := range k.fds {
		if d.object != nil {
			d.object.refs--
		}
		delete(k.fds, fd)
	}
}
