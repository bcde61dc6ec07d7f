// SPDX-License-Identifier: MIT

package loader

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/cilium/ebpf"

	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/internal/kerneltest"
	"github.com/bpfload/bpfload/internal/sys"
	"github.com/bpfload/bpfload/rawbtf"
)

// A pinned map whose value has another type of the same size is not reused.
func TestKernelReuseComparesTypes(t *testing.T) {
	root := mountBPFFS(t)
	load := func(member string) (*Loaded, error) {
		f := &elftest.Object{BigEndian: nativeBig}
		b := &elftest.BTF{}
		i := b.Int("int", 4, rawbtf.IntSigned)
		value := b.Struct("value", 4, elftest.Member{Name: member, Type: i})
		def := b.Struct("", 40, elftest.Member{Name: "type", Type: b.Uint(1)}, elftest.Member{Name: "key", Type: b.Ptr(i), Bits: 64},
			elftest.Member{Name: "value", Type: b.Ptr(value), Bits: 128}, elftest.Member{Name: "max_entries", Type: b.Uint(4), Bits: 192},
			elftest.Member{Name: "pinning", Type: b.Uint(1), Bits: 256})
		b.Datasec(".maps", 0, rawbtf.VarSecinfo{Type: b.Var("typed", def, rawbtf.LinkageGlobal)})
		maps := f.Data(".maps", make([]byte, 40))
		f.License("GPL")
		f.BTF(b)
		f.Object("typed", maps, 0, 40)
		o, err := Open(f.Bytes(), nil)
		if err != nil {
			t.Fatal(err)
		}
		return o.Load(t.Context(), &LoadOptions{BPFFS: root})
	}
	for _, member := range []string{"packets", "packets", "bytes"} {
		l, err := load(member)
		if member == "bytes" {
			var e *IncompatibleError
			if !errors.As(err, &e) || len(e.Differences) != 1 || e.Differences[0].Field != "value type" || !strings.Contains(err.Error(), "with packets") {
				t.Errorf("another type: %v", err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		l.Close()
	}
}

// What a poisoned instruction stood for is said in words.
func TestKernelPoisoned(t *testing.T) {
	needRoot(t)
	skipBigEndian(t)
	o := sample(t, "core_missing.o")
	for _, p := range o.Programs {
		p.Autoload = p.Name == "unguarded"
	}
	_, err := o.Load(t.Context(), nil)
	var rejected *RejectedError
	if !errors.As(err, &rejected) || rejected.Cause == "" || !strings.Contains(err.Error(), "the kernel") {
		t.Errorf("a field that the kernel lacks: %v", err)
	}

	o = sample(t, "xdp_counters.o")
	o.Maps[0].NoCreate = true
	_, err = o.Load(t.Context(), nil)
	if !errors.As(err, &rejected) || !strings.Contains(err.Error(), `map "counters" was not created`) {
		t.Errorf("a map that was not created: %v", err)
	}
}

// A program is found in the types of another one, which it would replace.
func TestKernelFunctionOfProgram(t *testing.T) {
	needRoot(t)
	skipBigEndian(t)
	target, err := sample(t, "freplace_target.o").Load(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer target.Close()
	prog, err := target.Program("dispatch")
	if err != nil {
		t.Fatal(err)
	}
	l := &load{k: sys.Host{}}
	if id, err := l.functionIn(prog.FD(), "decide"); err != nil || id == 0 {
		t.Errorf("decide: %d, %v", id, err)
	}
	if _, err := l.functionIn(prog.FD(), "decidee"); err == nil || !strings.Contains(err.Error(), "decide") {
		t.Errorf("decidee: %v", err)
	}
	o := sample(t, "freplace.o")
	if _, err := o.Load(t.Context(), nil); Classify(err).Code != "target-missing" {
		t.Errorf("without a target: %v", err)
	}
	for _, p := range o.Programs {
		if _, err := o.Load(t.Context(), &LoadOptions{Targets: map[string]*ebpf.Program{p.Name: prog}}); err != nil {
			// This kernel may forbid replacing functions; it has been asked.
			if e := Classify(err); e.Class != ClassCapability && e.Class != ClassRefused {
				t.Errorf("with a target: %v", err)
			}
		}
	}
}

// A struct_ops variable is registered when attaching is asked for, and only then.
func TestKernelStructOps(t *testing.T) {
	root := mountBPFFS(t)
	kerneltest.Alone(t, "congestion-control")
	known := func() string {
		b, err := os.ReadFile("/proc/sys/net/ipv4/tcp_available_congestion_control")
		if err != nil {
			kerneltest.Without(t, "no list of congestion controls: %v", err)
		}
		return string(b)
	}
	before := known()
	o := sample(t, "struct_ops_tcp.o")
	l, err := o.Load(t.Context(), nil)
	var missing *FeatureError
	if !kerneltest.Has(t, "6.4") && errors.As(err, &missing) && missing.Since == "6.4" {
		t.Skip("links of struct_ops came with Linux 6.4")
	}
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	if got := known(); got != before {
		t.Errorf("a load registered something: %s", got)
	}
	dir := root + "/tcp"
	l, err = o.Load(t.Context(), &LoadOptions{PinDir: dir, Attach: func(context.Context, *Loaded) ([]Link, error) { return nil, nil }})
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	if got := known(); got == before {
		t.Errorf("nothing was registered: %s", got)
	}
	if _, err := Unload(t.Context(), dir, nil); err != nil {
		t.Error(err)
	}
	if got := known(); got != before {
		t.Errorf("after unloading there is %s, was %s", got, before)
	}
}
