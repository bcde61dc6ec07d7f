// SPDX-License-Identifier: MIT

package mapops

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/sys"
	"github.com/bpfload/bpfload/loader"
)

// references are the descriptors that were opened because text named them. Each
// stays open until the map is closed, so that a program in a thousand slots is
// opened once.
type references struct {
	k      sys.Kernel
	fdinfo func(fd int) string
	open   map[string]int
}

func (r *references) close() {
	for _, fd := range r.open {
		r.k.Close(fd)
	}
	r.open = nil
}

// forms says how a thing can be named.
func (h holder) forms() string {
	switch h {
	case holdsProgram, holdsMap:
		return "pinned:PATH, id:N or fd:N"
	case holdsCgroup:
		return "the path of a cgroup, or fd:N"
	case holdsFile:
		return "the path of a file, or fd:N"
	case holdsTask:
		return "pid:N or fd:N"
	}
	return "fd:N, a descriptor that this process has inherited"
}

func (h holder) String() string {
	return [...]string{"nothing", "a program", "a map", "a cgroup", "a perf event", "a socket", "a process", "a file"}[h]
}

// errReference is what errors wrap that are about the form of a reference.
var errReference = errors.New("want a reference")

// descriptor returns a descriptor for a reference.
func (r *references) descriptor(h holder, ref string) (int, error) {
	name, arg, ok := strings.Cut(ref, ":")
	switch {
	case strings.HasPrefix(ref, "/"):
		name, arg, ok = "path", ref, true
	case name == "pinned" && !strings.HasPrefix(arg, "/"):
		return -1, fmt.Errorf("%w: %q has no absolute path", errReference, ref)
	}
	if name == "path" && (h == holdsProgram || h == holdsMap) {
		name = "pinned"
	}
	bad := fmt.Errorf("%w to %s (%s), got %q", errReference, h, h.forms(), ref)
	if !ok {
		return -1, bad
	}
	if fd, ok := r.open[ref]; ok {
		return fd, nil
	}
	var (
		fd  int
		err error
	)
	switch {
	case name == "fd":
		n, err := strconv.ParseUint(arg, 10, 31)
		if err != nil {
			return -1, bad
		}
		return int(n), nil
	case name == "pinned" && (h == holdsProgram || h == holdsMap):
		fd, err = r.pinned(h, arg)
	case name == "id" && (h == holdsProgram || h == holdsMap):
		fd, err = r.byID(h, arg, bad)
	case name == "path" && (h == holdsCgroup || h == holdsFile):
		fd, err = openFile(arg)
	case name == "pid" && h == holdsTask:
		fd, err = openPID(arg, bad)
	default:
		return -1, bad
	}
	if err != nil {
		return -1, err
	}
	if r.open == nil {
		r.open = make(map[string]int)
	}
	r.open[ref] = fd
	return fd, nil
}

// pinned opens a pin and makes sure that it is of the right kind: the kernel would
// only say EINVAL.
func (r *references) pinned(h holder, p string) (int, error) {
	fd, err := openPin(r.k, p, 0)
	if err != nil {
		return -1, err
	}
	if kind := kindOf(r.fdinfo(fd)); kind != "" && "a "+kind != h.String() {
		r.k.Close(fd)
		return -1, fmt.Errorf("%s is a %s, want %s", p, kind, h)
	}
	return fd, nil
}

func (r *references) byID(h holder, arg string, bad error) (int, error) {
	n, err := strconv.ParseUint(arg, 10, 32)
	if err != nil {
		return -1, bad
	}
	id := sys.ID{ID: uint32(n)}
	var attr sys.Attr = &sys.MapByID{ID: id}
	if h == holdsProgram {
		attr = &sys.ProgByID{ID: id}
	}
	fd, err := r.k.BPF(attr)
	if err == unix.ENOENT {
		return -1, &loader.Error{Class: loader.ClassOpen, Code: "map-missing", Err: absent("there is no %s of id %d", strings.TrimPrefix(h.String(), "a "), n)}
	}
	if err != nil {
		e := *loader.Classify(err)
		e.Doing = fmt.Sprintf("opening %s of id %d", h, n)
		return -1, &e
	}
	return fd, nil
}

func openFile(p string) (int, error) {
	fd, err := unix.Open(p, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1, &loader.Error{Class: loader.ClassOpen, Code: "open", Doing: "opening " + p, Err: err}
	}
	return fd, nil
}

func openPID(arg string, bad error) (int, error) {
	pid, err := strconv.ParseUint(arg, 10, 31)
	if err != nil || pid == 0 {
		return -1, bad
	}
	fd, err := unix.PidfdOpen(int(pid), 0)
	if err != nil {
		return -1, &loader.Error{Class: loader.ClassOpen, Code: "open", Doing: "opening process " + arg, Err: err}
	}
	return fd, nil
}
