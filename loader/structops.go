// SPDX-License-Identifier: MIT

package loader

import (
	"context"
	"encoding/binary"
	"fmt"
	"path"
	"slices"

	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/sys"
	"github.com/bpfload/bpfload/spec"
	"github.com/bpfload/bpfload/structops"
)

// readStructOps adds the struct_ops variables to the maps.
func (o *Object) readStructOps() error {
	ops, err := structops.Decode(o.file, o.types)
	if err != nil {
		return err
	}
	o.ops = ops
	for _, s := range ops {
		o.Maps = append(o.Maps, s.Map)
	}
	return nil
}

// layoutStructOps lays the variables out as the kernel wants them.
func (l *load) layoutStructOps(n *needs) error {
	if len(n.structOps) == 0 {
		return nil
	}
	types, err := l.types(l.ids)
	if err != nil {
		return err
	}
	r := &l.resolved
	r.layouts = make(map[int]*structops.Layout)
	r.members = make(map[int]structops.Attachment)
	var layouts []*structops.Layout
	for _, ops := range n.structOps {
		layout, err := ops.Match(l.o.types, types)
		if err != nil {
			if err := l.faultOps(ops, structOpsError(ops.Map.Name, err)); err != nil {
				return err
			}
			continue
		}
		l.warnings = append(l.warnings, layout.Warnings...)
		layouts = append(layouts, layout)
		r.layouts[l.indexOf(ops.Map)] = layout
		r.addModule(layout.Module)
	}
	attachments, err := structops.Attachments(layouts)
	if err != nil {
		return err
	}
	for _, a := range attachments {
		r.members[slices.Index(l.o.Programs, a.Program)] = a
	}
	return nil
}

// faultOps is fault for all programs of a variable. One without programs that are
// to be loaded ends the load.
func (l *load) faultOps(ops *structops.Ops, err error) error {
	kept := false
	for i := range ops.Callbacks {
		if p := ops.Callbacks[i].Program; p != nil {
			l.resolved.fault(slices.Index(l.o.Programs, p), err)
			kept = kept || l.resolved.keep && l.o.wants(p)
		}
	}
	if kept {
		return nil
	}
	return err
}

func structOpsError(name string, err error) error {
	e := externError(err)
	e.Map = name
	if e.Code == "kernel-symbol" {
		e.Code = "struct-ops"
	}
	return e
}

// structOpsAttr completes the attributes of the map of a struct_ops variable.
func (l *load) structOpsAttr(op *createMap, a *sys.MapCreate) {
	layout := l.resolved.layouts[op.index]
	a.ValueSize = uint32(len(layout.Value))
	a.BTFVmlinuxValueTypeID = layout.ValueType
	if layout.Module != "" {
		a.MapFlags |= flagVtypeBTFObjFD
		a.ValueTypeBTFObjFD = int32(l.resolved.moduleFD(layout.Module))
	}
}

// registerOps gives the kernel the value of a struct_ops variable, with its
// programs. Without a link this is what makes the kernel use it.
type registerOps struct{ to *createMap }

func (op *registerOps) step() Step {
	s := Step{Op: "register", Map: op.to.spec.Name, Detail: "the kernel uses it from now on"}
	if op.to.spec.Flags&flagLink != 0 {
		s.Detail = "the kernel uses it through a link"
	}
	return s
}

func (op *registerOps) run(_ context.Context, l *load) error {
	m := &l.maps[op.to.index]
	if !m.held {
		return nil
	}
	old, carried := l.oldOps[op.to.index]
	if l.opts.Attach == nil && !carried {
		return nil // nobody asked for it
	}
	layout := l.resolved.layouts[op.to.index]
	value := slices.Clone(layout.Value)
	for _, s := range layout.Slots {
		p := &l.programs[slices.Index(l.o.Programs, s.Program)]
		if !p.held {
			continue
		}
		binary.NativeEndian.PutUint64(value[s.Offset:], uint64(p.fd))
	}
	key := make([]byte, 4)
	a := sys.MapUpdate{Elem: sys.Elem{MapFD: uint32(m.fd), Key: sys.Bytes(key), Value: sys.Bytes(value)}}
	if _, err := l.k.BPF(&a); err != nil {
		e := op.to.fail(l, "registering it", err)
		if err == unix.EEXIST {
			e.(*Error).Advice = "the kernel has one of that name already; if it is that of the set to be replaced: bpfload unload " + l.plan.dir
		}
		return e
	}
	if op.to.spec.Flags&flagLink == 0 {
		l.undo = append(l.undo, func() {
			l.k.BPF(&sys.MapDelete{Elem: sys.Elem{MapFD: uint32(m.fd), Key: sys.Bytes(key)}})
		})
		return nil
	}
	if carried {
		return op.carry(l, old, m.fd)
	}
	fd, err := l.k.BPF(&sys.LinkCreate{ProgFD: uint32(m.fd), AttachType: attachStructOps})
	if err != nil {
		return op.to.fail(l, "attaching it", err)
	}
	l.links = append(l.links, heldLink{Link: Link{Name: op.to.spec.Name, Attachment: fdLink{l.k, fd}}})
	return nil
}

// carry makes the link of the replaced set go on with the new map. It is pinned in
// the new set already.
func (op *registerOps) carry(l *load, link, to int) error {
	old, err := l.get(path.Join(l.plan.dir, l.plan.names.maps[op.to.index]))
	if err != nil {
		return op.to.fail(l, "opening the map that its link has", err)
	}
	l.release = append(l.release, func() { l.k.Close(old) })
	if _, err := l.k.BPF(&sys.LinkUpdate{LinkFD: uint32(link), NewFD: uint32(to)}); err != nil {
		return op.to.fail(l, "updating its link in place", err)
	}
	l.undo = append(l.undo, func() { l.k.BPF(&sys.LinkUpdate{LinkFD: uint32(link), NewFD: uint32(old)}) })
	return nil
}

// registeredIn lists the struct_ops maps of a set that the kernel uses without a link.
func (l *load) registeredIn(dir string) (pins []string) {
	names, err := l.k.ReadDir(dir)
	if err != nil {
		return nil
	}
	for _, name := range names {
		p := path.Join(dir, name)
		st, err := l.k.Lstat(p)
		switch {
		case err != nil || st.IsLink():
		case st.IsDir():
			pins = append(pins, l.registeredIn(p)...)
		default:
			if fd, err := l.get(p); err == nil {
				if isRegistered(l.k, fd) {
					pins = append(pins, p)
				}
				l.k.Close(fd)
			}
		}
	}
	return pins
}

// unregisterLeft ends what the replaced set, now out of sight, registered without a
// link: unlike links, such a map is in use until it is told otherwise.
func (l *load) unregisterLeft(dir string) {
	for _, p := range l.registeredIn(dir) {
		fd, err := l.get(p)
		if err == nil {
			_, err = l.k.BPF(&sys.MapDelete{Elem: sys.Elem{MapFD: uint32(fd), Key: sys.Bytes(make([]byte, 4))}})
			l.k.Close(fd)
		}
		if err != nil {
			l.warn(spec.Warning{Code: "not-unregistered", Symbol: path.Base(p), Message: fmt.Sprintf("the table of the replaced set is still registered: %v", err)})
		}
	}
}

// isRegistered says whether a descriptor is that of a struct_ops map that the kernel
// uses without a link: the second word of its value is its state
// (struct bpf_struct_ops_common_value).
func isRegistered(k sys.Kernel, fd int) bool {
	var info sys.MapInfo
	if err := sys.Info(k, fd, &info); err != nil || !worksWithoutLink(&info) || info.ValueSize < 8 {
		return false
	}
	const inUse = 1 // BPF_STRUCT_OPS_STATE_INUSE
	value := make([]byte, info.ValueSize)
	_, err := k.BPF(&sys.MapLookup{Elem: sys.Elem{MapFD: uint32(fd), Key: sys.Bytes(make([]byte, 4)), Value: sys.Bytes(value)}})
	return err == nil && binary.NativeEndian.Uint32(value[4:]) == inUse
}

// attachStructOps is BPF_STRUCT_OPS of enum bpf_attach_type.
const attachStructOps = 44
