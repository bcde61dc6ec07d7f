// SPDX-License-Identifier: MIT

package mapops

import (
	"fmt"
	"os"
	"path"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/sys"
	"github.com/bpfload/bpfload/loader"
)

// Open opens the map pinned at a path, or the one that "id:N" names.
func Open(ref string, o *Options) (*Map, error) {
	opts := o.withDefaults()
	fd, err := openMap(opts.kernel, ref, opts.ReadOnly)
	if err != nil {
		return nil, err
	}
	if kind := kindOf(opts.fdinfo(fd)); kind != "" && kind != "map" {
		opts.kernel.Close(fd)
		return nil, &loader.Error{Class: loader.ClassOpen, Code: "not-a-map", Err: fmt.Errorf("%s is a %s, not a map", ref, kind)}
	}
	m, err := newMap(fd, &opts)
	if err != nil {
		opts.kernel.Close(fd)
		return nil, err
	}
	return m, nil
}

// openMap returns a descriptor for a reference such as "/sys/fs/bpf/x" or "id:7".
func openMap(k sys.Kernel, ref string, readOnly bool) (int, error) {
	var flags uint32
	if readOnly {
		flags = unix.BPF_F_RDONLY
	}
	if text, ok := strings.CutPrefix(ref, "id:"); ok {
		id, err := strconv.ParseUint(text, 10, 32)
		if err != nil {
			return -1, &loader.Error{Class: loader.ClassUsage, Code: "usage", Err: fmt.Errorf("%s: want the id of a map, such as id:7", ref)}
		}
		fd, err := k.BPF(&sys.MapByID{ID: sys.ID{ID: uint32(id), OpenFlags: flags}})
		if err == unix.ENOENT {
			return -1, &loader.Error{Class: loader.ClassOpen, Code: "map-missing", Err: absent("there is no map of id %d", id)}
		}
		if err != nil {
			e := *loader.Classify(err)
			e.Doing = "opening " + ref
			if err == unix.EPERM {
				e.Advice = "ids are for those with CAP_SYS_ADMIN: use a pin"
			}
			return -1, &e
		}
		return fd, nil
	}
	return openPin(k, strings.TrimPrefix(ref, "pinned:"), flags)
}

// openPin opens what is pinned at a path.
func openPin(k sys.Kernel, p string, flags uint32) (int, error) {
	if p == "" || strings.ContainsRune(p, 0) {
		return -1, &loader.Error{Class: loader.ClassUsage, Code: "usage", Err: fmt.Errorf("%q is no path", p)}
	}
	fd, err := k.BPF(&sys.ObjGet{Obj: sys.Obj{Pathname: sys.CString(p), FileFlags: flags}})
	if err == nil {
		return fd, nil
	}
	e := *loader.Classify(err)
	e.Code, e.Doing = "pin-unreadable", "opening "+p
	notAMap := func(format string) {
		e.Class, e.Code, e.Err, e.Doing = loader.ClassOpen, "not-a-map", fmt.Errorf(format, p), ""
	}
	switch st, statErr := k.Lstat(p); {
	case err == unix.ENOENT:
		e.Class, e.Code, e.Err, e.Doing = loader.ClassOpen, "map-missing", absent("nothing is pinned at %s", p), ""
	case err == unix.EPERM:
		e.Code, e.Advice = "capability", "run as root, or with CAP_BPF"
	case statErr == nil && st.IsDir():
		notAMap("%s is a directory, not a pin")
		if names, _ := k.ReadDir(p); len(names) > 0 {
			e.Advice = "try: " + path.Join(p, names[0])
		}
	case err == unix.EACCES && !onBPFFS(k, p):
		notAMap("%s is an ordinary file, not a pin")
	case err == unix.EACCES:
		e.Advice = "its permissions do not allow this: ls -l " + p
	case err == unix.EINVAL && flags != 0:
		notAMap("%s is not the pin of a map")
	}
	return -1, &e
}

func onBPFFS(k sys.Kernel, p string) bool {
	magic, err := k.FSType(path.Dir(p))
	return err == nil && magic == sys.BPFFSMagic
}

// readFDInfo returns what /proc says of a descriptor, "" if it says nothing.
func readFDInfo(fd int) string {
	b, err := os.ReadFile("/proc/self/fdinfo/" + strconv.Itoa(fd))
	if err != nil {
		return ""
	}
	return string(b)
}

// kindOf says what kind of object an fdinfo describes.
func kindOf(fdinfo string) string {
	for _, kind := range []struct{ field, name string }{{"map_type", "map"}, {"prog_type", "program"}, {"link_type", "link"}, {"btf_id", "BTF blob"}} {
		if fdinfoField(fdinfo, kind.field) != "" {
			return kind.name
		}
	}
	return ""
}

func fdinfoField(fdinfo, name string) string {
	for line := range strings.Lines(fdinfo) {
		if rest, ok := strings.CutPrefix(line, name+":"); ok {
			return strings.TrimSpace(rest)
		}
	}
	return ""
}
