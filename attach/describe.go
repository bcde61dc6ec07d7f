// SPDX-License-Identifier: MIT

package attach

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/link"
	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/sys"
	"github.com/bpfload/bpfload/internal/tc"
	"github.com/bpfload/bpfload/spec"
)

// An Attachment is what a link says of itself.
type Attachment struct {
	ID      uint32 // of the link, 0 for a filter of tc
	Type    string // the kernel's name in lower case, such as "xdp"; "tc" for a filter
	Program uint32 // id
	// Target is the place in the form that Parse reads, as far as the kernel
	// tells and names are known here: a device of another network namespace is
	// a number.
	Target string
	// Hook is the attach type where links of that type have one.
	Hook string
	// Missed counts how often the program did not run because it was running
	// already, for probes on kernels that count.
	Missed uint64
	// Map is the id of the map that a sockmap or struct_ops link is for.
	Map uint32
	key string
}

var linkTypes = [...]string{
	"unspec", "raw_tracepoint", "tracing", "cgroup", "iter", "netns", "xdp", "perf_event", "kprobe_multi",
	"struct_ops", "netfilter", "tcx", "uprobe_multi", "netkit", "sockmap", "tracing_multi",
}

// Describe says where a link is attached.
func Describe(l link.Link) (*Attachment, error) {
	info, err := l.Info()
	if err != nil {
		return nil, err
	}
	a := &Attachment{ID: uint32(info.ID), Program: uint32(info.Program), Type: fmt.Sprint(uint32(info.Type))}
	if int(info.Type) < len(linkTypes) {
		a.Type = linkTypes[info.Type]
	}
	a.Target = a.Type
	switch {
	case info.XDP() != nil:
		a.device("xdp", info.XDP().Ifindex)
	case info.TCX() != nil:
		i := info.TCX()
		a.hook(uint32(i.AttachType))
		a.device(strings.Replace(a.Hook, "_", "-", 1), i.Ifindex)
	case info.Netkit() != nil:
		i := info.Netkit()
		a.hook(uint32(i.AttachType))
		a.key = fmt.Sprintf("netkit:%d", i.Ifindex)
		a.device(strings.Replace(a.Hook, "_", "-", 1), i.Ifindex)
	case info.Cgroup() != nil:
		i := info.Cgroup()
		a.hook(uint32(i.AttachType))
		a.key = fmt.Sprintf("cgroup:%d", i.CgroupId)
		a.Target = "cgroup:" + cmp.Or(cgroupPath(i.CgroupId), fmt.Sprintf("id %d", i.CgroupId))
	case info.NetNs() != nil:
		i := info.NetNs()
		a.hook(uint32(i.AttachType))
		a.key = fmt.Sprintf("netns:%d", i.NetnsInode)
		a.Target = "netns:" + cmp.Or(netnsPath(uint64(i.NetnsInode)), fmt.Sprintf("inode %d", i.NetnsInode))
	case info.Netfilter() != nil:
		a.netfilter(info.Netfilter())
	case info.RawTracepoint() != nil:
		a.Target = "raw_tp:" + info.RawTracepoint().Name
	case info.PerfEvent() != nil:
		a.perfEvent(info.PerfEvent())
	case info.KprobeMulti() != nil:
		i := info.KprobeMulti()
		a.Missed = i.Missed
		a.Target = fmt.Sprintf("kprobe.multi:%d functions", i.Count)
	case info.UprobeMulti() != nil:
		i := info.UprobeMulti()
		a.Missed = i.Missed
		a.Target = fmt.Sprintf("uprobe.multi:%s:%d functions", i.File, i.Count)
	case info.Tracing() != nil:
		a.hook(uint32(info.Tracing().AttachType))
		a.tracing()
	case info.Type == link.StructOpsType, a.Type == "sockmap":
		return a, a.ofMap(l)
	case info.Type == link.IterType:
		if f := functionOf(a.Program); f != "" {
			a.Target = "iter/" + strings.TrimPrefix(f, "bpf_iter_")
		}
	}
	a.key = cmp.Or(a.key, a.Target)
	return a, nil
}

// ofMap reads what a link says of its map, which the library does not.
func (a *Attachment) ofMap(l link.Link) error {
	fd, ok := l.(interface{ FD() int })
	if !ok {
		return nil
	}
	var info sys.LinkInfo
	if err := sys.Info(sys.Host{}, fd.FD(), &info); err != nil {
		return err
	}
	a.Map = binary.NativeEndian.Uint32(info.Extra[:])
	if a.Type == "sockmap" {
		a.hook(binary.NativeEndian.Uint32(info.Extra[4:]))
		a.Target = fmt.Sprintf("sockmap:id %d", a.Map)
	}
	a.key = a.Target
	return nil
}

func (a *Attachment) hook(attachType uint32) {
	a.Hook = spec.AttachTypeName(ebpf.AttachType(attachType))
}

func (a *Attachment) device(kind string, index uint32) {
	name, err := tc.Name(int(index))
	switch {
	case index == 0:
		a.Target = kind + ":(the device is gone)"
	case err != nil:
		a.Target = fmt.Sprintf("%s:device %d", kind, index)
	default:
		a.Target = kind + ":" + name
	}
}

func (a *Attachment) netfilter(i *link.NetfilterInfo) {
	family := fmt.Sprint(uint32(i.ProtocolFamily))
	for name, number := range families {
		if number == i.ProtocolFamily {
			family = name
		}
	}
	hook := fmt.Sprint(uint32(i.Hook))
	if int(i.Hook) < len(hooks) {
		hook = hooks[i.Hook]
	}
	a.Target = fmt.Sprintf("netfilter:%s/%s", family, hook)
	if i.Priority != 0 {
		a.Target += fmt.Sprintf(",prio=%d", i.Priority)
	}
	if i.Flags&1 != 0 {
		a.Target += ",defrag"
	}
}

func (a *Attachment) perfEvent(i *link.PerfEventInfo) {
	switch {
	case i.Kprobe() != nil:
		k := i.Kprobe()
		a.Missed = k.Missed
		a.Target = "kprobe:"
		if i.Type == link.PerfEventKretprobe {
			a.Target = "kretprobe:"
		}
		a.Target += cmp.Or(k.Function, fmt.Sprintf("%#x", k.Address))
		if k.Offset != 0 {
			a.Target += fmt.Sprintf("+%#x", k.Offset)
		}
	case i.Uprobe() != nil:
		u := i.Uprobe()
		a.Target = "uprobe:"
		if i.Type == link.PerfEventUretprobe {
			a.Target = "uretprobe:"
		}
		a.Target += fmt.Sprintf("%s:%#x", u.File, u.Offset)
	case i.Tracepoint() != nil:
		a.Target = "tracepoint:" + i.Tracepoint().Tracepoint
	case i.Event() != nil:
		e := i.Event()
		a.Target = "perf_event:" + eventName(os.DirFS("/sys/bus/event_source/devices"), e.Type, e.Config)
	}
}

// eventName names a perf event, given the directory of the machine's event sources.
func eventName(sources fs.FS, typ uint32, config uint64) string {
	for _, known := range events {
		if known.typ == typ && known.config == config {
			return known.name
		}
	}
	files, _ := fs.Glob(sources, "*/type")
	for _, f := range files {
		if text, err := fs.ReadFile(sources, f); err == nil && strings.TrimSpace(string(text)) == fmt.Sprint(typ) {
			return fmt.Sprintf("%s config %#x", path.Dir(f), config)
		}
	}
	// In newer kernels the clocks are sources of their own, the first that the kernel
	// numbers after those of its interface, and have no directory.
	switch {
	case config == 0 && typ == unix.PERF_TYPE_BREAKPOINT+1:
		return "cpu-clock"
	case config == 0 && typ == unix.PERF_TYPE_BREAKPOINT+2:
		return "task-clock"
	}
	return fmt.Sprintf("type %d config %#x", typ, config)
}
