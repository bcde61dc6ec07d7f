// SPDX-License-Identifier: MIT

package sys

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
)

// An FDKind is what a descriptor refers to.
type FDKind uint8

const (
	OtherFD FDKind = iota
	ProgFD
	MapFD
	LinkFD
)

// ErrNoProc says that proc is not mounted, which alone tells the kinds apart.
var ErrNoProc = errors.New("/proc is not mounted, which says what is pinned: mount -t proc proc /proc")

// KindOf says what a descriptor of this process refers to.
func KindOf(fd int) (FDKind, error) {
	name, err := os.Readlink("/proc/self/fd/" + strconv.Itoa(fd))
	if errors.Is(err, fs.ErrNotExist) {
		return OtherFD, ErrNoProc
	}
	if err != nil {
		return OtherFD, fmt.Errorf("telling what is pinned: %w", err)
	}
	switch name {
	case "anon_inode:bpf-prog":
		return ProgFD, nil
	case "anon_inode:bpf-map":
		return MapFD, nil
	case "anon_inode:bpf_link", "anon_inode:bpf-link":
		return LinkFD, nil
	}
	return OtherFD, nil
}
