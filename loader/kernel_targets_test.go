// SPDX-License-Identifier: MIT

package loader

import (
	"context"
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/cilium/ebpf"

	"github.com/bpfload/bpfload/internal/kernel"
	"github.com/bpfload/bpfload/internal/kerneltest"
	"github.com/bpfload/bpfload/rawbtf"
)

// module skips a test that needs a module, which vmtest/matrix loads.
func module(t *testing.T, name string) {
	t.Helper()
	if _, err := os.Stat("/sys/module/" + name); err != nil {
		kerneltest.Without(t, "module %s is not loaded", name)
	}
	if _, err := os.Stat("/sys/kernel/btf/" + name); err != nil {
		kerneltest.Need(t, "5.11", "BTF of modules")
		kerneltest.Without(t, "module %s has no BTF", name)
	}
}

// TestKernelTargets loads programs for functions and hooks of the kernel and of its
// modules, each from its section name or with another target in its place.
func TestKernelTargets(t *testing.T) {
	needRoot(t)
	skipBigEndian(t)
	for name, c := range map[string]struct {
		program, target string // of sec_table_btf; "": what its section says
		since           string
		module          string
		code            string // of the error that is right, "" for none
	}{
		"raw tracepoint":              {program: "as_tp_btf", since: "5.5"},
		"sleepable raw tracepoint":    {program: "as_tp_btf_s", since: "7.2"},
		"entry":                       {program: "as_fentry", since: "5.5"},
		"exit":                        {program: "as_fexit", since: "5.5"},
		"sleepable entry":             {program: "as_fentry_s", since: "6.3"},
		"sleepable exit":              {program: "as_fexit_s", since: "6.3"},
		"return value of a test":      {program: "as_fmod_ret", since: "6.3"},
		"sleepable return value":      {program: "as_fmod_ret_s", target: "bpf_fentry_test1", since: "6.3"},
		"sleepable entry and exit":    {program: "as_fsession_s", since: "7.2"},
		"entry and exit":              {program: "as_fsession", since: "7.2"},
		"return value":                {program: "as_fmod_ret", target: "security_file_permission", since: "5.7"},
		"hook":                        {program: "as_lsm", since: "5.7"},
		"sleepable hook":              {program: "as_lsm_s", since: "5.11"},
		"hook of a cgroup":            {program: "as_lsm_cgroup", since: "6.0"},
		"iterator":                    {program: "as_iter", since: "5.8"},
		"entry in a module":           {program: "as_fentry", target: "nf_conntrack:nf_conntrack_in", since: "5.11", module: "nf_conntrack"},
		"exit in a module":            {program: "as_fexit", target: "veth:veth_open", since: "5.11", module: "veth"},
		"module that goes unsaid":     {program: "as_fentry", target: "nf_conntrack_in", since: "5.11", module: "nf_conntrack"},
		"the other's function":        {program: "as_fentry", target: "veth:nf_conntrack_in", since: "5.11", module: "veth", code: "attach-target"},
		"no such module":              {program: "as_fentry", target: "vet:veth_open", since: "5.11", module: "veth", code: "attach-target"},
		"the module's, in the kernel": {program: "as_fentry", target: "vmlinux:nf_conntrack_in", since: "5.11", module: "nf_conntrack", code: "attach-target"},
		"no such function":            {program: "as_fentry", target: "vfs_raed", since: "5.5", code: "attach-target"},
	} {
		t.Run(name, func(t *testing.T) {
			if c.module != "" {
				module(t, c.module)
			}
			o := sample(t, "sec_table_btf.o")
			p := o.Program(c.program)
			p.Autoload = true
			if c.target != "" {
				p.AttachTo = c.target
			}
			l, err := o.Load(t.Context(), nil)
			if err == nil {
				l.Close()
			}
			var e *Error
			errors.As(err, &e)
			switch {
			case c.code != "":
				if e == nil || e.Code != c.code {
					t.Errorf("got %v, want %s", err, c.code)
				}
			case !kerneltest.Has(t, c.since):
				// Some flags were not looked at before they meant something.
				if err != nil && (e == nil || e.Class != ClassRefused && e.Class != ClassFeature) {
					t.Errorf("before Linux %s: %v", c.since, err)
				}
			case err != nil && refusedWhatever(err):
				kerneltest.Without(t, "this kernel answers EPERM to such programs whatever they do: %v", err)
			case err != nil:
				t.Error(err)
			}
		})
	}
}

// A function that a module offers is called through fd_array.
func TestKernelModuleFunction(t *testing.T) {
	needRoot(t)
	skipBigEndian(t)
	for _, object := range []string{"kfunc_module.o", "kfunc_module-clang22.o"} {
		l, err := sample(t, object).Load(t.Context(), nil)
		if err != nil {
			t.Fatalf("%s: %v", object, err)
		}
		defer l.Close()
		prog, err := l.Program("tracked")
		if err != nil {
			t.Fatal(err)
		}
		info, err := prog.Info()
		if err != nil {
			t.Fatal(err)
		}
		insns, err := info.Instructions()
		if err != nil {
			t.Fatal(err)
		}
		calls := 0
		for _, i := range insns {
			if i.IsKfuncCall() {
				calls++
			}
		}
		want := 2
		if _, err := os.Stat("/sys/module/nf_conntrack"); err != nil || !kerneltest.Has(t, "5.18") {
			want = 0 // both are weak
		}
		if calls != want {
			t.Errorf("%s: the verifier left %d calls of the module's functions, want %d", object, calls, want)
		}
	}
	module(t, "nf_conntrack") // for the skip to be told
	kerneltest.Need(t, "5.18", "what nf_conntrack offers")
}

// Variables with types and addresses of functions are found in modules.
func TestKernelModuleSymbols(t *testing.T) {
	needRoot(t)
	skipBigEndian(t)
	kerneltest.Need(t, "5.10", "running a raw tracepoint program for a test")
	l, err := sample(t, "ksyms_module.o").Load(t.Context(), nil)
	if err != nil && strings.Contains(err.Error(), "failed to find the address for kernel symbol") {
		kerneltest.Without(t, "this kernel was built without per-CPU symbols in kallsyms: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	prog, err := l.Program("look")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := prog.Run(&ebpf.RunOptions{}); err != nil {
		t.Fatal(err)
	}
	bss, err := l.Map(".bss")
	if err != nil {
		t.Fatal(err)
	}
	var value [12]byte
	if err := bss.Lookup(uint32(0), &value); err != nil {
		t.Fatal(err)
	}
	address, variables := binary.NativeEndian.Uint64(value[:]), binary.NativeEndian.Uint32(value[8:])
	symbols, err := kernel.Running().Symbols([]string{"veth_open"})
	if err != nil {
		t.Fatal(err)
	}
	if address != symbols[0].Address {
		t.Errorf("veth_open is at %#x, want %#x", address, symbols[0].Address)
	}
	if _, err := os.Stat("/sys/module/veth"); err == nil && address == 0 {
		t.Error("module veth is loaded, and its function has no address")
	}
	types, err := kernel.Running().Types()
	if err != nil {
		t.Fatal(err)
	}
	want := uint32(0)
	for i, name := range []string{"brnf_frag_data_storage", "nft_pcpu_tun_ctx"} {
		if _, _, ok := types.Exact(rawbtf.KindVar, name); ok {
			want |= 1 << i
		}
	}
	if variables != want {
		t.Errorf("the program found variables %b, BTF has %b", variables, want)
	}
	module(t, "br_netfilter")
	if want == 0 && !kerneltest.Has(t, "7.2") { // whose modules describe no variables
		t.Error("neither br_netfilter nor nf_tables describes its variable")
	}
}

// A scheduler takes over when attaching is asked for, and gives way to an unload. A
// kernel without such schedulers is told so by name.
func TestKernelSchedExt(t *testing.T) {
	root := mountBPFFS(t)
	const dir = "/sys/kernel/sched_ext"
	o := sample(t, "sched_ext.o")
	opts := &LoadOptions{PinDir: root + "/scheduler", Attach: func(context.Context, *Loaded) ([]Link, error) { return nil, nil }}
	state := func(name string) string {
		data, err := os.ReadFile(dir + "/" + name)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Error(err)
		}
		return strings.TrimSpace(string(data))
	}
	if _, err := os.Stat(dir); err != nil {
		if _, err := o.Load(t.Context(), opts); err == nil || Classify(err).ExitCode() != 3 || Classify(err).Code != "struct-ops" {
			t.Errorf("a kernel without them: %v", err)
		}
		if r, err := o.Verify(t.Context(), nil); err != nil || r.Accepted {
			t.Errorf("a kernel without them accepted: %v", err)
		}
		kerneltest.Need(t, "7.2", "sched_ext in Debian's kernels")
		kerneltest.Without(t, "no sched_ext")
	}
	l, err := o.Load(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	if s, ops := state("state"), state("root/ops"); s != "enabled" || ops != "bpfload_in_order" {
		t.Errorf("the scheduler is %s, by %q", s, ops)
	}
	if _, err := Unload(t.Context(), root+"/scheduler", nil); err != nil {
		t.Error(err)
	}
	for range 100 {
		if state("state") == "disabled" {
			return
		}
		time.Sleep(50 * time.Millisecond) // the kernel hands tasks back in its own time
	}
	t.Errorf("after unloading the scheduler is %s", state("state"))
}
