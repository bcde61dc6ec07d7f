// SPDX-License-Identifier: MIT

package tc

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// A Record says where a filter is, so that another process can find it again.
type Record struct {
	Interface string
	Filter    Filter // without Ifindex
	Clsact    bool   // the qdisc was made for it
}

// The two directions as targets name them.
const (
	Ingress = "tc-ingress"
	Egress  = "tc-egress"
)

// String returns the record as text, such as
// "tc-ingress:eth0,prio=49152,handle=0x1,id=17,clsact".
func (r *Record) String() string {
	s := fmt.Sprintf("%s,prio=%d,handle=%#x,id=%d", r.Target(), r.Filter.Priority, r.Filter.Handle, r.Filter.Program)
	if r.Clsact {
		s += ",clsact"
	}
	return s
}

// Target returns the record as a place to attach to, such as "tc-ingress:eth0".
func (r *Record) Target() string {
	if r.Filter.Egress {
		return Egress + ":" + r.Interface
	}
	return Ingress + ":" + r.Interface
}

// ParseRecord is the inverse of String. Text that is something else gives false.
func ParseRecord(s string) (*Record, bool) {
	kind, rest, ok := strings.Cut(s, ":")
	if !ok || kind != Ingress && kind != Egress {
		return nil, false
	}
	fields := strings.Split(rest, ",")
	r := &Record{Interface: fields[0], Filter: Filter{Egress: kind == Egress}}
	for _, f := range fields[1:] {
		name, value, _ := strings.Cut(f, "=")
		bits := 32
		if name == "prio" {
			bits = 16
		}
		n, err := strconv.ParseUint(value, 0, bits)
		if err != nil && name != "clsact" {
			return nil, false
		}
		switch name {
		case "prio":
			r.Filter.Priority = uint16(n)
		case "handle":
			r.Filter.Handle = uint32(n)
		case "id":
			r.Filter.Program = uint32(n)
		case "clsact":
			r.Clsact = true
		default:
			return nil, false
		}
	}
	if r.Interface == "" || r.Filter.Handle == 0 {
		return nil, false
	}
	return r, true
}

// ErrGone says that the filter is not there any more, or that another program has
// taken its place.
var ErrGone = errors.New("the filter is not there any more")

// find looks the filter up.
func (r *Record) find() (Filter, error) {
	index, err := Index(r.Interface)
	if err == unix.ENODEV {
		return Filter{}, ErrGone
	}
	if err != nil {
		return Filter{}, err
	}
	list, _, err := Filters(index, r.Filter.Egress)
	if err != nil && !errors.Is(err, unix.EINVAL) { // there is no qdisc
		return Filter{}, err
	}
	for _, f := range list {
		if f.Handle == r.Filter.Handle && f.Priority == r.Filter.Priority && f.Program == r.Filter.Program {
			return f, nil
		}
	}
	return Filter{}, ErrGone
}

// Attached returns nil if the filter is there, ErrGone if it is not.
func (r *Record) Attached() error {
	_, err := r.find()
	return err
}

// Attach makes a filter, and the qdisc where that is missing.
func Attach(name string, egress bool, priority uint16, fd int, program string) (*Record, error) {
	index, err := Index(name)
	if err != nil {
		return nil, err
	}
	made, err := AddClsact(index)
	if err != nil {
		return nil, err
	}
	f := Filter{Ifindex: index, Egress: egress, Priority: priority}
	if err := f.Add(fd, program); err != nil {
		if made {
			DeleteClsact(index)
		}
		return nil, err
	}
	return &Record{Interface: name, Filter: f, Clsact: made}, nil
}

// Update exchanges the program of the filter and returns the new record.
func (r *Record) Update(fd int, program string) (*Record, error) {
	f, err := r.find()
	if err != nil {
		return nil, err
	}
	if err := f.Replace(fd, program); err != nil {
		return nil, err
	}
	return &Record{Interface: r.Interface, Filter: f, Clsact: r.Clsact}, nil
}

// Detach removes the filter, and the qdisc if it was made for it and nothing else
// uses it. It returns ErrGone if there was nothing to remove.
func (r *Record) Detach() error {
	f, err := r.find()
	if err != nil {
		return err
	}
	if err := f.Delete(); err != nil {
		return err
	}
	if !r.Clsact {
		return nil
	}
	for _, egress := range []bool{false, true} {
		if list, others, err := Filters(f.Ifindex, egress); err != nil || others || len(list) > 0 {
			return err
		}
	}
	return DeleteClsact(f.Ifindex)
}

// Pin leaves a symbolic link that says where the filter is.
func (r *Record) Pin(path string) error { return unix.Symlink(r.String(), path) }

// Same says whether two records are of one filter, whichever program it has.
func (r *Record) Same(o *Record) bool {
	return r.Interface == o.Interface && r.Filter.Egress == o.Filter.Egress && r.Filter.Priority == o.Filter.Priority && r.Filter.Handle == o.Filter.Handle
}

// DetachOrder compares records for sorting: those with which the qdisc was made come
// last, when nothing else uses it any more.
func DetachOrder(a, b *Record) int {
	switch {
	case a.Clsact == b.Clsact:
		return 0
	case a.Clsact:
		return 1
	}
	return -1
}
