// SPDX-License-Identifier: MIT

package loader

import (
	"errors"
	"testing"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/sys/systest"
	"github.com/bpfload/bpfload/rawbtf"
)

// Kernels that do not know the records of functions and lines, or shorter ones,
// are given the program without; none is asked before it refused.
func TestRecordsRefused(t *testing.T) {
	for name, tc := range map[string]struct {
		release     string
		func_, line uint32
		loads       int // of each program
		records     bool
		exit        int
	}{
		"known":        {"6.18.0", 8, 16, 1, true, 0},
		"longer ones":  {"6.18.0", 12, 32, 1, true, 0},
		"shorter ones": {"6.18.0", 4, 16, 2, false, 0},
		"unknown":      {"4.19.0", 0, 0, 2, false, 0},
		"too big, new": {"6.18.0", 0, 0, 2, false, 71},
	} {
		t.Run(name, func(t *testing.T) {
			k := systest.New()
			k.FuncInfoSize, k.LineInfoSize = tc.func_, tc.line
			opts := on(k, LoadOptions{IgnorePins: true})
			opts.ids = recorded(tc.release, nil)
			opts.facts = opts.ids
			l, err := everything(t).Load(t.Context(), opts)
			if tc.exit != 0 {
				var e *Error
				if !errors.As(err, &e) || e.ExitCode() != tc.exit || !errors.Is(err, unix.E2BIG) {
					t.Errorf("got %v, want exit %d", err, tc.exit)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			for _, p := range l.Programs {
				if got := k.Object(p.FD()).Prog.Attr; got.FuncInfoCnt > 0 != tc.records || got.ProgBTFFD > 0 != tc.records {
					t.Errorf("%s was loaded with %d functions", p.Spec.Name, got.FuncInfoCnt)
				}
			}
			if n := len(k.Log("PROG_LOAD")); n != tc.loads*len(l.Programs) {
				t.Errorf("%d programs were loaded in %d calls", len(l.Programs), n)
			}
		})
	}
}

// BTF that a kernel took only without functions has none that records could name.
func TestNoFunctionsInBTF(t *testing.T) {
	k := systest.New()
	k.RejectBTF = func(raw []byte) unix.Errno {
		types, err := rawbtf.Parse(raw, nil)
		if err != nil {
			t.Fatal(err)
		}
		for typ := range types.All {
			if typ.Kind == rawbtf.KindFunc {
				return unix.EINVAL
			}
		}
		return 0
	}
	l, err := everything(t).Load(t.Context(), on(k, LoadOptions{IgnorePins: true}))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for _, p := range l.Programs {
		if a := k.Object(p.FD()).Prog.Attr; a.FuncInfoCnt > 0 || a.ProgBTFFD > 0 {
			t.Errorf("%s was loaded with %d functions", p.Spec.Name, a.FuncInfoCnt)
		}
	}
}

// A kernel without the tag arg:ctx is given the types that it goes by, one for each
// type of program, after it refused the first; a newer one sees what the object has.
func TestContextTag(t *testing.T) {
	skipBigEndian(t)
	want := map[string]string{"sample": "bpf_perf_event_data", "enter": "bpf_raw_tracepoint_args", "getpid": "__u64",
		"nanosleep": "bpf_user_pt_regs_t", "filter": "__sk_buff"}
	for name, tc := range map[string]struct {
		release string
		refuses bool
		btf     int // loads of types
		exit    int
	}{
		"knows the tag":             {"6.18.0", false, 1, 0},
		"old, and does not mind":    {"6.1.0", false, 1, 0},
		"old":                       {"6.1.0", true, 2, 0},
		"new, refuses all the same": {"6.18.0", true, 1, 71},
	} {
		t.Run(name, func(t *testing.T) {
			k := systest.New()
			k.Reject = func(p systest.Program) (unix.Errno, string) {
				if tc.refuses && contextOfCallee(t, p) == "" {
					return unix.EINVAL, "Arg#0 type PTR is not supported yet.\n"
				}
				return 0, ""
			}
			opts := on(k, LoadOptions{})
			opts.ids = recorded(tc.release, nil)
			opts.facts = opts.ids
			l, err := sample(t, "arg_ctx.o").Load(t.Context(), opts)
			if n := len(k.Log("BTF_LOAD")); n != tc.btf {
				t.Errorf("types were loaded %d times, want %d", n, tc.btf)
			}
			var e *Error
			if tc.exit != 0 {
				if !errors.As(err, &e) || e.ExitCode() != tc.exit {
					t.Errorf("got %v, want exit %d", err, tc.exit)
				}
			} else if err != nil {
				t.Fatal(err)
			} else {
				for _, p := range l.Programs {
					if got := contextOfCallee(t, k.Object(p.FD()).Prog); tc.refuses && got != want[p.Spec.Name] || !tc.refuses && got != "" {
						t.Errorf("%s calls a function of struct %s", p.Spec.Name, got)
					}
				}
				l.Close()
			}
			if open := k.Open(); len(open) > 0 {
				t.Errorf("still open: %q", open)
			}
		})
	}
}

// contextOfCallee returns the name of what the tagged argument of the program's
// second function points to.
func contextOfCallee(t *testing.T, p systest.Program) string {
	types, err := rawbtf.Parse(p.BTF, nil)
	if err != nil {
		t.Fatal(err)
	}
	fn := types.Type(p.Funcs[3])
	_, typ := types.Type(fn.SizeOrType).Param(map[string]int{"stack_of": 0, "length": 1}[fn.Name()])
	return types.Underlying(types.Underlying(typ).SizeOrType).Name()
}

// The attach type of a static probe is that of links to many places where the kernel
// has them, unless the caller chose another.
func TestAttachTypeOfUSDT(t *testing.T) {
	for name, tc := range map[string]struct {
		release string
		chosen  uint32
		want    uint32
	}{"links to many": {"6.6.0", 0, 48}, "a link for each": {"6.1.0", 0, 0}, "chosen": {"6.6.0", 42, 42}} {
		t.Run(name, func(t *testing.T) {
			k := systest.New()
			opts := on(k, LoadOptions{})
			opts.ids = recorded(tc.release, nil)
			opts.facts = opts.ids
			o := everything(t)
			p := o.Programs[0]
			p.Type, p.AttachType, p.USDT = ebpf.Kprobe, ebpf.AttachType(tc.chosen), true
			l, err := o.Load(t.Context(), opts)
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			if got := k.Object(l.Programs[0].FD()).Prog.Attr.ExpectedAttachType; got != tc.want {
				t.Errorf("attach type %d, want %d", got, tc.want)
			}
			if p.AttachType != ebpf.AttachType(tc.chosen) {
				t.Error("the load changed the object")
			}
		})
	}
}

// An attach type that says no more than the program's type is left out for kernels
// without attach types.
func TestAttachTypeRefused(t *testing.T) {
	for name, tc := range map[string]struct {
		release  string
		required bool
		exit     int
	}{"optional": {"4.14.0", false, 0}, "required": {"4.14.0", true, 71}, "new": {"6.18.0", false, 71}} {
		t.Run(name, func(t *testing.T) {
			k := systest.New()
			k.Reject = func(p systest.Program) (unix.Errno, string) {
				if p.Attr.ExpectedAttachType != 0 {
					return unix.E2BIG, ""
				}
				return 0, ""
			}
			opts := on(k, LoadOptions{})
			opts.ids = recorded(tc.release, nil)
			opts.facts = opts.ids
			o := everything(t)
			for _, p := range o.Programs {
				if p.AttachType != ebpf.AttachXDP || !p.AttachTypeOptional {
					t.Fatalf("attach type %d, optional %t", p.AttachType, p.AttachTypeOptional)
				}
				p.AttachTypeOptional = !tc.required
			}
			l, err := o.Load(t.Context(), opts)
			if tc.exit != 0 {
				var e *Error
				if !errors.As(err, &e) || e.ExitCode() != tc.exit {
					t.Errorf("got %v, want exit %d", err, tc.exit)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			l.Close()
		})
	}
}
