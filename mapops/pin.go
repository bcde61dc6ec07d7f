// SPDX-License-Identifier: MIT

package mapops

import (
	"path"

	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/bpffs"
	"github.com/bpfload/bpfload/internal/sys"
	"github.com/bpfload/bpfload/loader"
)

// Pin gives the map another name on a bpffs. The path is absolute; its directory
// exists and is one that nobody else can change. A pin that is there stays.
func (m *Map) Pin(p string) error {
	dir, name := path.Split(p)
	dir = path.Clean(dir)
	if err := bpffs.CheckIn(m.k, dir); err != nil {
		return loader.Classify(err)
	}
	if err := bpffs.CheckName(p, name); err != nil {
		return loader.Classify(err)
	}
	_, err := m.k.BPF(&sys.ObjPin{Obj: sys.Obj{Pathname: sys.CString(p), BPFFD: uint32(m.fd)}})
	switch err {
	case nil:
		return nil
	case unix.EEXIST:
		e := *loader.Classify(bpffs.ExistsError(p))
		e.Advice = "choose another path, or remove it: rm " + p
		return &e
	case unix.ENOENT:
		return &loader.Error{Class: loader.ClassBPFFS, Code: "bpffs", Map: m.Name, Doing: "pinning it at " + p, Err: err, Advice: "mkdir -p " + dir}
	}
	e := *loader.Classify(err)
	e.Map, e.Doing = m.Name, "pinning it at "+p
	return &e
}
