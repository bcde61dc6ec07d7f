// SPDX-License-Identifier: MIT

// Package tc attaches programs the classic way, as direct-action cls_bpf filters
// below a clsact qdisc, for kernels before tcx and for setups that need a place
// among other filters.
//
// The kernel has no link for such a filter, and so nothing to pin. A [Record] says in
// text where one is; a symbolic link with that text stands in a set of pins in the
// place of a link.
package tc

import (
	"encoding/binary"
	"errors"

	"golang.org/x/sys/unix"
)

// A Filter is a cls_bpf filter. Interfaces belong to the network namespace of the
// calling thread.
type Filter struct {
	Ifindex  int
	Egress   bool
	Priority uint16 // 0 has the kernel choose
	Handle   uint32 // the same
	Program  uint32 // id of the program, from the kernel
}

// Numbers of include/uapi/linux/pkt_sched.h and pkt_cls.h.
const (
	clsactHandle  = 0xffff << 16 // TC_H_MAKE(TC_H_CLSACT, 0)
	clsactParent  = 0xfffffff1   // TC_H_CLSACT
	ingressParent = 0xfffffff2   // TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS)
	egressParent  = 0xfffffff3   // TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_EGRESS)

	attrKind    = 1 // TCA_KIND
	attrOptions = 2 // TCA_OPTIONS

	bpfFD           = 6  // TCA_BPF_FD
	bpfName         = 7  // TCA_BPF_NAME
	bpfFlags        = 8  // TCA_BPF_FLAGS
	bpfID           = 11 // TCA_BPF_ID
	bpfDirectAction = 1  // TCA_BPF_FLAG_ACT_DIRECT
)

func (f *Filter) parent() uint32 {
	if f.Egress {
		return egressParent
	}
	return ingressParent
}

// info is what tcmsg says of a filter: the priority, and all protocols.
func (f *Filter) info() uint32 {
	all := binary.NativeEndian.Uint16([]byte{unix.ETH_P_ALL >> 8, unix.ETH_P_ALL & 0xff})
	return uint32(f.Priority)<<16 | uint32(all)
}

// AddClsact gives an interface the qdisc that filters hang below, and says whether it
// had none before.
func AddClsact(ifindex int) (made bool, err error) {
	m := newMessage(unix.RTM_NEWQDISC, unix.NLM_F_CREATE|unix.NLM_F_EXCL|unix.NLM_F_ACK, ifindex, clsactHandle, clsactParent, 0)
	m.text(attrKind, "clsact")
	err = exchange(m, nil)
	if errors.Is(err, unix.EEXIST) {
		return false, nil
	}
	return err == nil, err
}

// DeleteClsact removes that qdisc and all filters below it.
func DeleteClsact(ifindex int) error {
	return exchange(newMessage(unix.RTM_DELQDISC, unix.NLM_F_ACK, ifindex, clsactHandle, clsactParent, 0), nil)
}

// Add attaches a program and fills in what the kernel chose.
func (f *Filter) Add(fd int, name string) error {
	return f.put(fd, name, unix.NLM_F_CREATE|unix.NLM_F_EXCL)
}

// Replace exchanges the program of a filter: each packet meets the one or the other.
func (f *Filter) Replace(fd int, name string) error {
	return f.put(fd, name, unix.NLM_F_CREATE|unix.NLM_F_REPLACE)
}

func (f *Filter) put(fd int, name string, flags uint16) error {
	m := newMessage(unix.RTM_NEWTFILTER, flags|unix.NLM_F_ACK|unix.NLM_F_ECHO, f.Ifindex, f.Handle, f.parent(), f.info())
	m.text(attrKind, "bpf")
	m.nest(attrOptions, func() {
		m.number(bpfFD, uint32(fd))
		m.text(bpfName, name)
		m.number(bpfFlags, bpfDirectAction)
	})
	return exchange(m, func(typ uint16, payload []byte) {
		if got, ok := parseFilter(typ, payload); ok {
			*f = got
		}
	})
}

// Delete removes a filter.
func (f *Filter) Delete() error {
	m := newMessage(unix.RTM_DELTFILTER, unix.NLM_F_ACK, f.Ifindex, f.Handle, f.parent(), f.info())
	m.text(attrKind, "bpf")
	return exchange(m, nil)
}

// Filters returns the cls_bpf filters of an interface in one direction, and whether
// there are others.
func Filters(ifindex int, egress bool) (list []Filter, others bool, err error) {
	f := Filter{Ifindex: ifindex, Egress: egress}
	err = exchange(newMessage(unix.RTM_GETTFILTER, unix.NLM_F_DUMP, ifindex, 0, f.parent(), 0), func(typ uint16, payload []byte) {
		if got, ok := parseFilter(typ, payload); ok {
			list = append(list, got)
		} else {
			others = true
		}
	})
	return list, others, err
}

// parseFilter reads an answer that describes a cls_bpf filter with a program. The
// kernel also describes the chains that filters form; those have no handle.
func parseFilter(typ uint16, b []byte) (Filter, bool) {
	if typ != unix.RTM_NEWTFILTER || len(b) < tcmsgLen {
		return Filter{}, false
	}
	options := find(b[tcmsgLen:], attrOptions)
	f := Filter{
		Ifindex:  int(int32(native.Uint32(b[4:]))),
		Handle:   native.Uint32(b[8:]),
		Egress:   native.Uint32(b[12:]) == egressParent,
		Priority: uint16(native.Uint32(b[16:]) >> 16),
		Program:  number(options, bpfID),
	}
	kind := find(b[tcmsgLen:], attrKind)
	return f, string(kind) == "bpf\x00" && f.Handle != 0
}
