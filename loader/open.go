// SPDX-License-Identifier: MIT

package loader

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/cilium/ebpf"

	"github.com/bpfload/bpfload/elf"
)

// Options change how an object is read. The zero value is right for most.
type Options struct {
	// Name names an object that is not in a file; the kernel shows the first
	// bytes of it in the names of data maps.
	Name string
	// Dialect decides how records of the maps section are read, by the names
	// that package legacy lists. "" goes by the evidence in the object.
	Dialect string
	// Relaxed turns unknown fields of BTF map definitions into warnings.
	Relaxed bool
	// Types gives programs of a section a type, whatever its name says.
	Types map[string]ebpf.ProgramType
	// Sections reads a section as though it had another name of libbpf's, such
	// as "tc/ingress" or "cgroup/connect4", which says an attach type and flags
	// besides the type.
	Sections map[string]string
	// PinIDs is the contents of iproute2's file of custom pin ids,
	// /etc/iproute2/bpf_pinning.
	PinIDs []byte
}

// Open reads an object. The bytes are kept and must not change. Errors are *[elf.Error]
// values that give the place; the same bytes always give the same error.
func Open(data []byte, opts *Options) (*Object, error) {
	if opts == nil {
		opts = &Options{}
	}
	o := &Object{Name: opts.Name}
	if err := o.read(data, opts); err != nil {
		return nil, err
	}
	return o, nil
}

// OpenFile reads the object in a file. Errors that concern the file itself are
// *[Error] values of class [ClassOpen].
func OpenFile(path string, opts *Options) (*Object, error) {
	data, err := readObject(path)
	if err != nil {
		return nil, &Error{Class: ClassOpen, Code: "open", Object: path, Err: err}
	}
	var o Options
	if opts != nil {
		o = *opts
	}
	if o.Name == "" {
		o.Name = filepath.Base(path)
	}
	obj, err := Open(data, &o)
	if err != nil {
		var place *elf.Error
		if errors.As(err, &place) {
			place.File = path
		}
		return nil, err
	}
	obj.File = path
	return obj, nil
}

// readObject refuses what reading would wait for, or never end.
func readObject(path string) ([]byte, error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !st.Mode().IsRegular() {
		return nil, &os.PathError{Op: "open", Path: path, Err: fmt.Errorf("not a regular file")}
	}
	return os.ReadFile(path)
}
