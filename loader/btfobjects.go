// SPDX-License-Identifier: MIT

package loader

import (
	"errors"
	"io/fs"

	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/sys"
	"github.com/bpfload/bpfload/rawbtf"
)

// btfObjects lists the BTF that the kernel holds, for package kernel.
type btfObjects struct{ k sys.Kernel }

func (b btfObjects) NextBTF(id uint32) (uint32, error) {
	a := sys.BTFNextID{ID: sys.ID{ID: id}}
	_, err := b.k.BPF(&a)
	return a.NextID, notExist(err)
}

func (b btfObjects) OpenBTF(id uint32) (int, error) {
	fd, err := b.k.BPF(&sys.BTFByID{ID: sys.ID{ID: id}})
	return fd, notExist(err)
}

func (b btfObjects) BTFName(fd int) (string, bool, error) {
	var name [64]byte
	info := sys.BTFInfo{Name: sys.Bytes(name[:]), NameLen: uint32(len(name))}
	err := sys.Info(b.k, fd, &info)
	return cString(name[:]), info.KernelBTF != 0, err
}

func (b btfObjects) CloseBTF(fd int) { b.k.Close(fd) }

func notExist(err error) error {
	if err == unix.ENOENT {
		return fs.ErrNotExist
	}
	return err
}

// programTypes reads the BTF of a loaded program.
func programTypes(k sys.Kernel, fd int) (*rawbtf.Spec, error) {
	var info sys.ProgInfo
	if err := sys.Info(k, fd, &info); err != nil {
		return nil, err
	}
	if info.BTFID == 0 {
		return nil, errors.New("the program was loaded without BTF")
	}
	return typesByID(k, info.BTFID)
}

// typesByID reads the BTF with the given id.
func typesByID(k sys.Kernel, id uint32) (*rawbtf.Spec, error) {
	fd, err := k.BPF(&sys.BTFByID{ID: sys.ID{ID: id}})
	if err != nil {
		return nil, err
	}
	defer k.Close(fd)
	var info sys.BTFInfo
	if err := sys.Info(k, fd, &info); err != nil {
		return nil, err
	}
	raw := make([]byte, info.BTFSize)
	info = sys.BTFInfo{BTF: sys.Bytes(raw), BTFSize: uint32(len(raw))}
	if err := sys.Info(k, fd, &info); err != nil {
		return nil, err
	}
	return rawbtf.Parse(raw, nil)
}
