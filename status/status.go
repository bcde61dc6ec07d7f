// SPDX-License-Identifier: MIT

// Package status says what is pinned below a directory of a bpffs: programs with how
// long they are loaded and how often they ran, maps, and where links attach them.
//
// It reads and never changes anything. Pins that are neither program, map nor link,
// and staging directories of loads under way, are left out.
package status

import (
	"fmt"
	"os"
	"path"
	"strings"
	"time"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/link"
	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/attach"
	"github.com/bpfload/bpfload/internal/bpffs"
	"github.com/bpfload/bpfload/internal/sys"
	"github.com/bpfload/bpfload/internal/tc"
	"github.com/bpfload/bpfload/loader"
	"github.com/bpfload/bpfload/spec"
)

// Read describes what is pinned below dir.
func Read(dir string) (*Report, error) {
	r := &reader{k: sys.Host{}, report: &Report{Dir: dir, Programs: []Program{}, Maps: []Map{}, Links: []Link{}}}
	magic, err := r.k.FSType(dir)
	switch {
	case err == unix.ENOENT:
		return nil, &loader.Error{Class: loader.ClassOther, Code: "not-loaded", Err: fmt.Errorf("nothing is pinned at %s: %w", dir, err)}
	case err != nil:
		return nil, unreadable(dir, err)
	case magic != sys.BPFFSMagic:
		return nil, &loader.Error{Class: loader.ClassBPFFS, Code: "bpffs-not-mounted", Err: fmt.Errorf("%s is not on a bpffs", dir), Advice: bpffs.MountHint(r.k, dir)}
	}
	if r.boot, err = bootTime(); err != nil {
		return nil, err
	}
	data, err := os.ReadFile("/proc/sys/kernel/bpf_stats_enabled")
	r.report.Counting = err == nil && strings.TrimSpace(string(data)) == "1"
	if err := r.dir(dir, 0); err != nil {
		return nil, err
	}
	r.connect()
	return r.report, nil
}

// bootTime returns when the clock that the kernel dates programs by was at 0.
func bootTime() (time.Time, error) {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &ts); err != nil {
		return time.Time{}, err
	}
	return time.Now().Add(-time.Duration(ts.Nano())), nil
}

func unreadable(p string, err error) error {
	e := &loader.Error{Class: loader.Classify(err).Class, Code: "pin-unreadable", Doing: "reading what is pinned at " + p, Err: err}
	if e.Class == loader.ClassCapability {
		e.Advice = "run as root; for others, load with --mode and --owner"
	}
	return e
}

// maxDepth bounds the directories below each other; a load makes two at most.
const maxDepth = 16

type reader struct {
	k      sys.Kernel
	report *Report
	boot   time.Time
}

func (r *reader) dir(dir string, depth int) error {
	names, err := r.k.ReadDir(dir)
	if err != nil {
		return unreadable(dir, err)
	}
	for _, name := range names {
		p := path.Join(dir, name)
		st, err := r.k.Lstat(p)
		if err == unix.ENOENT {
			continue // a load has just replaced it
		}
		switch {
		case err != nil:
		case st.IsDir():
			if depth < maxDepth && !bpffs.IsStaging(name) {
				err = r.dir(p, depth+1)
			}
		case st.IsLink():
			r.note(p)
		default:
			err = r.pin(p)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// note reads the place of a filter of tc.
func (r *reader) note(p string) {
	text, err := r.k.Readlink(p)
	if err != nil {
		return
	}
	record, ok := tc.ParseRecord(text)
	if !ok {
		return
	}
	l := Link{Pin: p, Type: "tc", Target: record.Target(), Program: record.Filter.Program}
	if err := record.Attached(); err != nil {
		l.Broken = err.Error()
	}
	r.report.Links = append(r.report.Links, l)
}

func (r *reader) pin(p string) error {
	fd, err := r.k.BPF(&sys.ObjGet{Obj: sys.Obj{Pathname: sys.CString(p)}})
	if err == unix.ENOENT {
		return nil
	}
	if err != nil {
		return unreadable(p, err)
	}
	defer r.k.Close(fd)
	kind, err := sys.KindOf(fd)
	switch kind {
	case sys.ProgFD:
		err = r.program(p, fd)
	case sys.MapFD:
		err = r.bpfMap(p, fd)
	case sys.LinkFD:
		err = r.link(p, fd)
	}
	if err != nil {
		return unreadable(p, err)
	}
	return nil
}

func (r *reader) program(p string, fd int) error {
	var info sys.ProgInfo
	if err := sys.Info(r.k, fd, &info); err != nil {
		return err
	}
	prog := Program{
		Pin: p, ID: info.ID, Name: info.Name.String(), Type: spec.ProgramTypeName(ebpf.ProgramType(info.Type)), Tag: fmt.Sprintf("%x", info.Tag),
		LoadedAt: r.boot.Add(time.Duration(info.LoadTime)).Truncate(time.Millisecond), UID: info.CreatedByUID, Insns: info.VerifiedInsns,
		RunCount: info.RunCnt, RunSeconds: time.Duration(info.RunTimeNs).Seconds(), Missed: info.RecursionMisses,
		MapIDs: []uint32{}, Attached: []string{},
	}
	if n := info.NrMapIDs; n > 0 {
		ids := make([]int32, n)
		info = sys.ProgInfo{NrMapIDs: n, MapIDs: sys.Int32s(ids)}
		if err := sys.Info(r.k, fd, &info); err != nil {
			return err
		}
		for _, id := range ids[:min(n, info.NrMapIDs)] {
			prog.MapIDs = append(prog.MapIDs, uint32(id))
		}
	}
	r.report.Programs = append(r.report.Programs, prog)
	return nil
}

func (r *reader) bpfMap(p string, fd int) error {
	var info sys.MapInfo
	if err := sys.Info(r.k, fd, &info); err != nil {
		return err
	}
	r.report.Maps = append(r.report.Maps, Map{
		Pin: p, ID: info.ID, Name: info.Name.String(), Type: spec.MapTypeName(ebpf.MapType(info.Type)),
		KeySize: info.KeySize, ValueSize: info.ValueSize, MaxEntries: info.MaxEntries, MapFlags: info.MapFlags,
	})
	return nil
}

func (r *reader) link(p string, fd int) error {
	own, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return err
	}
	k, err := link.NewFromFD(own)
	if err != nil {
		return err
	}
	defer k.Close()
	a, err := attach.Describe(k)
	if err != nil {
		return err
	}
	l := Link{Pin: p, ID: a.ID, Type: a.Type, Target: a.Target, Hook: a.Hook, Program: a.Program, Map: a.Map, Missed: a.Missed}
	r.report.Links = append(r.report.Links, l)
	return nil
}

// connect says of programs and maps which links attach them.
func (r *reader) connect() {
	for _, l := range r.report.Links {
		for i := range r.report.Programs {
			if p := &r.report.Programs[i]; p.ID == l.Program && l.Program != 0 && l.Broken == "" {
				p.Attached = append(p.Attached, l.Target)
			}
		}
		for i := range r.report.Maps {
			if m := &r.report.Maps[i]; m.ID == l.Map && l.Type == "struct_ops" {
				m.Attached = true
			}
		}
	}
}
