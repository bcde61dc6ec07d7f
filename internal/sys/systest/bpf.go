// SPDX-License-Identifier: MIT

package systest

import (
	"encoding/binary"
	"path"
	"slices"
	"strings"
	"unsafe"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/sys"
)

// BPF implements [sys.Kernel].
func (k *Kernel) BPF(attr sys.Attr) (int, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.enter("%s %s", sys.CmdOf(attr), k.text(attr)); err != nil {
		return -1, err
	}
	fd, errno := k.do(attr)
	if errno != 0 {
		k.calls[len(k.calls)-1] += " = " + unix.ErrnoName(errno)
		return -1, errno
	}
	return fd, nil
}

func (k *Kernel) do(attr sys.Attr) (int, unix.Errno) {
	switch a := attr.(type) {
	case *sys.MapCreate:
		return k.mapCreate(a)
	case *sys.ProgLoad:
		return k.progLoad(a)
	case *sys.BTFLoad:
		raw := slices.Clone(a.BTF.Peek(int(a.BTFSize)))
		if k.RejectBTF != nil {
			if errno := k.RejectBTF(raw); errno != 0 {
				return -1, errno
			}
		}
		return k.newObject(&Object{Kind: "btf", BTF: raw}), 0
	case *sys.ObjPin:
		return k.pin(int(a.BPFFD), a.Pathname.String())
	case *sys.ObjGet:
		n := k.at(a.Pathname.String())
		switch {
		case n == nil:
			return -1, unix.ENOENT
		case n.object == nil:
			return -1, unix.EACCES
		}
		return k.newFD(&descriptor{object: n.object}), 0
	case *sys.MapUpdate:
		return k.update(int(a.MapFD), a.Key, a.Value, 1)
	case *sys.MapUpdateBatch:
		return k.update(int(a.MapFD), a.Keys, a.Values, int(a.Count))
	case *sys.MapDelete:
		m := k.object(a.MapFD, "map")
		if m == nil {
			return -1, unix.EBADF
		}
		key := string(a.Key.Peek(int(m.Map.KeySize)))
		if _, ok := m.Elems[key]; !ok {
			return -1, unix.ENOENT
		}
		delete(m.Elems, key)
		return 0, 0
	case *sys.MapFreeze:
		m := k.object(a.MapFD, "map")
		if m == nil {
			return -1, unix.EBADF
		}
		m.Frozen = true
		return 0, 0
	case *sys.ProgBindMap:
		if k.object(a.ProgFD, "prog") == nil || k.object(a.MapFD, "map") == nil {
			return -1, unix.EBADF
		}
		return 0, 0
	case *sys.ObjInfo:
		return k.info(a)
	case *sys.LinkCreate:
		o := k.fds[int(a.ProgFD)]
		if o == nil || o.object == nil {
			return -1, unix.EBADF
		}
		return k.newObject(&Object{Kind: "link", Target: o.object}), 0
	case *sys.LinkUpdate:
		link, target := k.object(a.LinkFD, "link"), k.fds[int(a.NewFD)]
		if link == nil || target == nil || target.object == nil {
			return -1, unix.EBADF
		}
		link.Target = target.object
		return 0, 0
	case *sys.LinkDetach:
		link := k.object(a.LinkFD, "link")
		if link == nil {
			return -1, unix.EBADF
		}
		link.Target = nil
		return 0, 0
	}
	return -1, unix.EINVAL
}

func (k *Kernel) object(fd uint32, kind string) *Object {
	if d := k.fds[int(fd)]; d != nil && d.object != nil && d.object.Kind == kind {
		return d.object
	}
	return nil
}

func (k *Kernel) mapCreate(a *sys.MapCreate) (int, unix.Errno) {
	o := &Object{Kind: "map", Map: *a, Elems: map[string][]byte{}}
	if a.BTFFD != 0 && k.object(a.BTFFD, "btf") == nil {
		return -1, unix.EBADF
	}
	switch ebpf.MapType(a.MapType) {
	case ebpf.ArrayOfMaps, ebpf.HashOfMaps:
		if o.Inner = k.object(a.InnerMapFD, "map"); o.Inner == nil {
			return -1, unix.EBADF
		}
	}
	if k.RejectMap != nil {
		if errno := k.RejectMap(a); errno != 0 {
			return -1, errno
		}
	}
	return k.newObject(o), 0
}

func (k *Kernel) progLoad(a *sys.ProgLoad) (int, unix.Errno) {
	p := Program{
		Attr:    *a,
		Name:    a.ProgName.String(),
		License: strings.Clone(a.License.String()),
		Insns:   slices.Clone(a.Insns.Peek(int(a.InsnCnt) * 8)),
	}
	if a.ProgBTFFD != 0 {
		btf := k.object(a.ProgBTFFD, "btf")
		if btf == nil {
			return -1, unix.EBADF
		}
		p.BTF = btf.BTF
	}
	if !checkRecords(&a.FuncInfoRecSize, a.FuncInfo, a.FuncInfoCnt, k.FuncInfoSize) || !checkRecords(&a.LineInfoRecSize, a.LineInfo, a.LineInfoCnt, k.LineInfoSize) {
		return -1, unix.E2BIG
	}
	for i := range a.FuncInfoCnt {
		rec := a.FuncInfo.Peek(int(a.FuncInfoCnt * a.FuncInfoRecSize))[i*a.FuncInfoRecSize:]
		p.Funcs = append(p.Funcs, binary.NativeEndian.Uint32(rec), binary.NativeEndian.Uint32(rec[4:]))
	}
	for i := 0; i+16 <= len(p.Insns); i += 8 {
		if p.Insns[i] != 0x18 {
			continue
		}
		if src := p.Insns[i+1] >> 4; src == 1 || src == 2 {
			if k.object(binary.NativeEndian.Uint32(p.Insns[i+4:]), "map") == nil {
				return -1, unix.EBADF
			}
		}
		i += 8
	}
	if k.Reject != nil {
		if errno, log := k.Reject(p); errno != 0 {
			if n := int(a.LogSize); n > 0 && log != "" {
				buf := a.LogBuf.Peek(n)
				copy(buf[:n-1], log)
				a.LogTrueSize = uint32(len(log) + 1)
				if len(log) >= n {
					return -1, unix.ENOSPC
				}
			}
			return -1, errno
		}
	}
	return k.newObject(&Object{Kind: "prog", Prog: p}), 0
}

// checkRecords does what the kernel does with records that are longer than its own:
// what it does not know must be zero, else it writes its size over the caller's.
func checkRecords(size *uint32, records sys.Pointer, n, own uint32) bool {
	if n == 0 {
		return true
	}
	if own == 0 {
		return false
	}
	all := records.Peek(int(n * *size))
	for i := range n {
		rec := all[i**size : (i+1)**size]
		for _, b := range rec[min(own, *size):] {
			if b != 0 {
				*size = own
				return false
			}
		}
	}
	return true
}

func (k *Kernel) pin(fd int, p string) (int, unix.Errno) {
	d, parent, name := k.fds[fd], k.at(path.Dir(p)), path.Base(p)
	switch {
	case d == nil || d.object == nil:
		return -1, unix.EBADF
	case parent == nil || parent.entries == nil:
		return -1, unix.ENOENT
	case parent.entries[name] != nil:
		return -1, unix.EEXIST
	case !parent.bpffs || strings.Contains(name, "."):
		return -1, unix.EPERM
	}
	d.object.refs++
	parent.entries[name] = &node{object: d.object, stat: sys.Stat{Mode: unix.S_IFREG | 0o600, UID: k.User}}
	return 0, 0
}

func (k *Kernel) update(fd int, keys, values sys.Pointer, n int) (int, unix.Errno) {
	m := k.object(uint32(fd), "map")
	if m == nil {
		return -1, unix.EBADF
	}
	if m.Frozen {
		return -1, unix.EPERM
	}
	ks, vs := int(m.Map.KeySize), int(m.Map.ValueSize)
	key, value := keys.Peek(ks*n), values.Peek(vs*n)
	for i := range n {
		v := slices.Clone(value[i*vs : (i+1)*vs])
		switch ebpf.MapType(m.Map.MapType) {
		case ebpf.ProgramArray:
			if k.object(binary.NativeEndian.Uint32(v), "prog") == nil {
				return -1, unix.EBADF
			}
		case ebpf.ArrayOfMaps, ebpf.HashOfMaps:
			inner := k.object(binary.NativeEndian.Uint32(v), "map")
			if inner == nil {
				return -1, unix.EBADF
			}
			binary.NativeEndian.PutUint32(v, inner.ID)
		}
		m.Elems[string(key[i*ks:(i+1)*ks])] = v
	}
	return 0, 0
}

// putInfo answers with as much as there is room for, as the kernel does.
func putInfo[T any](a *sys.ObjInfo, info T) {
	from := unsafe.Slice((*byte)(unsafe.Pointer(&info)), unsafe.Sizeof(info))
	copy(a.Info.Peek(int(a.InfoLen)), from)
}

func (k *Kernel) info(a *sys.ObjInfo) (int, unix.Errno) {
	d := k.fds[int(a.FD)]
	if d == nil || d.object == nil {
		return -1, unix.EBADF
	}
	o := d.object
	switch o.Kind {
	case "map":
		c := &o.Map
		putInfo(a, sys.MapInfo{
			Type: c.MapType, ID: o.ID, KeySize: c.KeySize, ValueSize: c.ValueSize, MaxEntries: c.MaxEntries,
			MapFlags: c.MapFlags, Name: c.MapName, MapExtra: c.MapExtra,
			BTFKeyTypeID: c.BTFKeyTypeID, BTFValueTypeID: c.BTFValueTypeID,
		})
	case "prog":
		putInfo(a, sys.ProgInfo{Type: o.Prog.Attr.ProgType, ID: o.ID, Name: o.Prog.Attr.ProgName, VerifiedInsns: o.Prog.Attr.InsnCnt})
	case "link":
		putInfo(a, sys.LinkInfo{ID: o.ID})
	default:
		return -1, unix.EINVAL
	}
	return 0, 0
}
