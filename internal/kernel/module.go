// SPDX-License-Identifier: MIT

package kernel

import (
	"errors"
	"fmt"
	"io/fs"
)

// BTFObjects is the part of bpf(2) by which the BTF of modules is found.
type BTFObjects interface {
	// NextBTF returns the id that follows id: BPF_BTF_GET_NEXT_ID. The error
	// is fs.ErrNotExist after the last.
	NextBTF(id uint32) (uint32, error)
	// OpenBTF returns a descriptor: BPF_BTF_GET_FD_BY_ID. The error is
	// fs.ErrNotExist if the object has gone meanwhile.
	OpenBTF(id uint32) (fd int, err error)
	// BTFName says what a descriptor is of: BPF_OBJ_GET_INFO_BY_FD.
	BTFName(fd int) (name string, kernel bool, err error)
	// CloseBTF closes a descriptor.
	CloseBTF(fd int)
}

// OpenModules returns descriptors of the BTF of the modules with the given names,
// in their order; the caller closes them.
func OpenModules(objects BTFObjects, names []string) ([]int, error) {
	fds := make([]int, len(names))
	for i := range fds {
		fds[i] = -1
	}
	left := len(names)
	err := eachBTF(objects, func(fd int) (keep, more bool, err error) {
		name, kernel, err := objects.BTFName(fd)
		if err != nil {
			return false, false, err
		}
		for i, want := range names {
			if kernel && name == want && fds[i] < 0 {
				fds[i] = fd
				left--
				return true, left > 0, nil
			}
		}
		return false, true, nil
	})
	if err == nil && left > 0 {
		for i, fd := range fds {
			if fd < 0 {
				err = fmt.Errorf("BTF of module %s: %w", names[i], fs.ErrNotExist)
				break
			}
		}
	}
	if err != nil {
		for _, fd := range fds {
			if fd >= 0 {
				objects.CloseBTF(fd)
			}
		}
		return nil, err
	}
	return fds, nil
}

// eachBTF opens the kernel's BTF objects one after the other and closes those that
// visit does not keep.
func eachBTF(objects BTFObjects, visit func(fd int) (keep, more bool, err error)) error {
	for id := uint32(0); ; {
		next, err := objects.NextBTF(id)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("next BTF after %d: %w", id, err)
		}
		id = next
		fd, err := objects.OpenBTF(id)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("BTF %d: %w", id, err)
		}
		keep, more, err := visit(fd)
		if !keep {
			objects.CloseBTF(fd)
		}
		if err != nil || !more {
			return err
		}
	}
}
