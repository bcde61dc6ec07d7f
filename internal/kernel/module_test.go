// SPDX-License-Identifier: MIT

package kernel_test

import (
	"errors"
	"io/fs"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bpfload/bpfload/internal/kernel"
)

// btfObjects is a kernel's list of BTF objects, id i+1 at index i.
type btfObjects struct {
	names  []string // "" has gone; one that begins with ! belongs to a program
	failAt string   // operation that fails
	open   map[int]bool
}

var errRefused = errors.New("refused")

func (o *btfObjects) NextBTF(id uint32) (uint32, error) {
	if o.failAt == "next" {
		return 0, errRefused
	}
	if int(id) >= len(o.names) {
		return 0, fs.ErrNotExist
	}
	return id + 1, nil
}

func (o *btfObjects) OpenBTF(id uint32) (int, error) {
	if o.failAt == "open" {
		return 0, errRefused
	}
	if o.names[id-1] == "" {
		return 0, fs.ErrNotExist
	}
	fd := int(id) + 100
	o.open[fd] = true
	return fd, nil
}

func (o *btfObjects) BTFName(fd int) (string, bool, error) {
	name := o.names[fd-101]
	if o.failAt == name {
		return "", false, errRefused
	}
	if name[0] == '!' {
		return name[1:], false, nil
	}
	return name, true, nil
}

func (o *btfObjects) CloseBTF(fd int) { delete(o.open, fd) }

func TestOpenModules(t *testing.T) {
	all := []string{"vmlinux", "", "!tun", "tun", "veth", "nf"}
	for name, tc := range map[string]struct {
		want   []string
		failAt string
		fds    []int
		err    error
	}{
		"one":             {[]string{"tun"}, "", []int{104}, nil},
		"several":         {[]string{"nf", "tun"}, "", []int{106, 104}, nil},
		"none":            {nil, "", []int{}, nil},
		"absent":          {[]string{"tun", "dummy"}, "", nil, fs.ErrNotExist},
		"list refused":    {[]string{"tun"}, "next", nil, errRefused},
		"open refused":    {[]string{"tun"}, "open", nil, errRefused},
		"name refused":    {[]string{"tun", "nf"}, "veth", nil, errRefused},
		"not looked at":   {[]string{"tun"}, "veth", []int{104}, nil},
		"program's alone": {[]string{"x"}, "", nil, fs.ErrNotExist},
	} {
		t.Run(name, func(t *testing.T) {
			o := &btfObjects{names: all, failAt: tc.failAt, open: map[int]bool{}}
			fds, err := kernel.OpenModules(o, tc.want)
			if !errors.Is(err, tc.err) {
				t.Errorf("got %v, want %v", err, tc.err)
			}
			if diff := cmp.Diff(tc.fds, fds); diff != "" {
				t.Error(diff)
			}
			if len(o.open) != len(tc.fds) {
				t.Errorf("left open: %v", o.open)
			}
		})
	}
}
