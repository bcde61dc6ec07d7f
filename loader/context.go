// SPDX-License-Identifier: MIT

package loader

import (
	"github.com/cilium/ebpf"

	"github.com/bpfload/bpfload/internal/sys"
	"github.com/bpfload/bpfload/rawbtf"
	"github.com/bpfload/bpfload/reloc"
)

// contextTag marks an argument of a global function as the context of whatever
// program calls it. Kernels know the tag since 6.8; older ones go by the name of the
// type that the argument points to, which differs with the program's type.
const contextTag = "arg:ctx"

var tagsSince = linux(6, 8)

// contextName returns the name of the struct by which kernels without the tag know the
// context of programs of type t, "" where they know none: the names in the kernel's
// struct bpf_ctx_convert, for a kprobe and a tracepoint those of typedefs.
func contextName(t ebpf.ProgramType) string {
	switch t {
	case ebpf.SocketFilter, ebpf.SchedCLS, ebpf.SchedACT, ebpf.CGroupSKB, ebpf.LWTIn, ebpf.LWTOut, ebpf.LWTXmit,
		ebpf.LWTSeg6Local, ebpf.SkSKB, ebpf.FlowDissector:
		return "__sk_buff"
	case ebpf.XDP:
		return "xdp_md"
	case ebpf.CGroupSock:
		return "bpf_sock"
	case ebpf.CGroupSockAddr:
		return "bpf_sock_addr"
	case ebpf.SockOps:
		return "bpf_sock_ops"
	case ebpf.SkMsg:
		return "sk_msg_md"
	case ebpf.Kprobe:
		return "bpf_user_pt_regs_t"
	case ebpf.TracePoint:
		return "__u64"
	case ebpf.PerfEvent:
		return "bpf_perf_event_data"
	case ebpf.RawTracepoint, ebpf.RawTracepointWritable:
		return "bpf_raw_tracepoint_args"
	case ebpf.CGroupDevice:
		return "bpf_cgroup_dev_ctx"
	case ebpf.CGroupSysctl:
		return "bpf_sysctl"
	case ebpf.CGroupSockopt:
		return "bpf_sockopt"
	case ebpf.SkReuseport:
		return "sk_reuseport_md"
	case ebpf.SkLookup:
		return "bpf_sk_lookup"
	case ebpf.Netfilter:
		return "bpf_nf_ctx"
	}
	return ""
}

// contexts is the object's BTF with a copy of each tagged function for each type of
// program that calls it.
type contexts struct {
	fd     int
	copies map[contextOf]rawbtf.ID
}

// contextOf is a BTF function as programs of one type call it.
type contextOf struct {
	function rawbtf.ID
	context  string
}

// withContexts returns the BTF for kernels without the tag, nil where no function
// that a program reaches is tagged or the kernel refuses it. It is made when the
// first program was refused.
func (l *load) withContexts() *contexts {
	l.contextsOnce.Do(func() {
		args := l.taggedArgs()
		if len(args) == 0 || l.form == nil {
			return
		}
		c := &contexts{copies: make(map[contextOf]rawbtf.ID)}
		for i, code := range l.plan.codes {
			name := contextName(l.o.Programs[i].Type)
			if code == nil || name == "" {
				continue
			}
			for _, f := range code.Funcs {
				of := contextOf{f.Type, name}
				if _, done := c.copies[of]; done || args[f.Type] == nil {
					continue
				}
				if id := l.form.FuncWithContext(f.Type, args[f.Type], name); id != 0 {
					c.copies[of] = id
				}
			}
		}
		if len(c.copies) == 0 {
			return
		}
		var err error
		if c.fd, err = l.tryBTF(l.form.Bytes()); err == nil {
			l.contexts = c
		}
	})
	return l.contexts
}

// taggedArgs returns the tagged arguments, by index, of each function.
func (l *load) taggedArgs() map[rawbtf.ID][]int {
	var args map[rawbtf.ID][]int
	for t := range l.o.types.DeclTags {
		if i := t.ComponentIndex(); i >= 0 && t.Name() == contextTag && l.o.types.Type(t.SizeOrType).Kind == rawbtf.KindFunc {
			if args == nil {
				args = make(map[rawbtf.ID][]int)
			}
			args[t.SizeOrType] = append(args[t.SizeOrType], int(i))
		}
	}
	return args
}

// calls says whether one of the copies stands for a function of the program.
func (c *contexts) calls(op *loadProgram) bool {
	name := contextName(op.spec.Type)
	for _, f := range op.code.Funcs {
		if c.copies[contextOf{f.Type, name}] != 0 {
			return true
		}
	}
	return false
}

// functions returns the records of the program's functions with the copies in the
// place of what they were made of.
func (c *contexts) functions(op *loadProgram) []reloc.FuncInfo {
	name := contextName(op.spec.Type)
	funcs := make([]reloc.FuncInfo, len(op.code.Funcs))
	for i, f := range op.code.Funcs {
		funcs[i] = f
		if id := c.copies[contextOf{f.Type, name}]; id != 0 {
			funcs[i].Type = id
		}
	}
	return funcs
}

func (c *contexts) close(k sys.Kernel) {
	if c != nil {
		k.Close(c.fd)
	}
}
