// SPDX-License-Identifier: MIT

package loader

import (
	"context"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bpfload/bpfload/internal/kerneltest"
)

// TestKernelReplaceKeepsState replaces a set twice, as a boot script does: what the
// programs counted stays, what the object says is new.
func TestKernelReplaceKeepsState(t *testing.T) {
	dir := filepath.Join(mountBPFFS(t), "set")
	opts := &LoadOptions{PinDir: dir, Replace: true, Reuse: ReuseCompatible}
	load := func(set string) *Loaded {
		t.Helper()
		o := sample(t, "tailcall.o")
		if set != "" {
			if err := o.SetVariable("hits", set); err != nil {
				t.Fatal(err)
			}
		}
		l, err := o.Load(context.Background(), opts)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close() })
		return l
	}
	first := load("")
	bss, err := first.Map(".bss")
	if err != nil {
		t.Fatal(err)
	}
	value := make([]byte, bss.ValueSize())
	binary.NativeEndian.PutUint32(value, 77)
	if err := bss.Put(uint32(0), value); err != nil {
		t.Fatal(err)
	}

	second := load("")
	if got := word(t, second, ".bss"); got != 77 {
		t.Errorf("after the second load the counter is %d", got)
	}
	p, err := second.Program("ipv4")
	if err != nil {
		t.Fatal(err)
	}
	info, err := p.Info()
	if err != nil {
		t.Fatal(err)
	}
	id, _ := info.ID()
	if got := word(t, second, "steps"); got != uint32(id) {
		t.Errorf("slot 0 holds program %d of the replaced set, not %d of this", got, id)
	}
	if got := word(t, load("[5, 0, 0]"), ".bss"); got != 5 {
		t.Errorf("a variable that was set is %d", got)
	}
	if _, err := Unload(context.Background(), dir, nil); err != nil {
		t.Error(err)
	}
}

// word returns the first word of a map's element 0.
func word(t *testing.T, l *Loaded, name string) uint32 {
	t.Helper()
	m, err := l.Map(name)
	if err != nil {
		t.Fatal(err)
	}
	b, err := m.LookupBytes(uint32(0))
	if err != nil || len(b) < 4 {
		t.Fatalf("%s: %d bytes, %v", name, len(b), err)
	}
	return binary.NativeEndian.Uint32(b)
}

// TestKernelReplaceRegistered replaces a set with a struct_ops table that the kernel
// uses without a link: it goes with its set, and never without being mentioned.
func TestKernelReplaceRegistered(t *testing.T) {
	dir := filepath.Join(mountBPFFS(t), "set")
	registered := func() bool {
		b, err := os.ReadFile("/proc/sys/net/ipv4/tcp_available_congestion_control")
		if err != nil {
			kerneltest.Without(t, "no list of congestion controls: %v", err)
		}
		return strings.Contains(string(b), "bpfload_reno")
	}
	if registered() {
		t.Skip("another process has registered bpfload_reno")
	}
	attach := func(context.Context, *Loaded) ([]Link, error) { return nil, nil }
	load := func(name string, o LoadOptions) error {
		obj := sample(t, name)
		for _, m := range obj.Maps {
			m.NoCreate = m.NoCreate || m.Name == "linked"
		}
		o.PinDir = dir
		l, err := obj.Load(t.Context(), &o)
		if err == nil {
			l.Close()
		}
		return err
	}
	if err := load("struct_ops_tcp.o", LoadOptions{Attach: attach}); err != nil {
		if Classify(err).Class == ClassFeature {
			t.Skipf("no struct_ops: %v", err)
		}
		t.Fatal(err)
	}
	if !registered() {
		t.Fatal("nothing was registered")
	}
	err := load("struct_ops_tcp.o", LoadOptions{Replace: true})
	if e := Classify(err); err == nil || e.Code != "link-not-updated" || e.Map != "registered" || !strings.Contains(e.Advice, "--attach") {
		t.Errorf("without attaching: %v", err)
	}
	err = load("struct_ops_tcp.o", LoadOptions{Replace: true, Attach: attach})
	if err == nil || !strings.Contains(Classify(err).Advice, "bpfload unload "+dir) {
		t.Errorf("under the same name: %v", err)
	}
	if !registered() {
		t.Error("a replacement that failed has ended it")
	}
	if err := load("xdp_counters.o", LoadOptions{Replace: true, Attach: attach}); err != nil {
		t.Fatal(err)
	}
	if registered() {
		t.Error("the table of the replaced set is still registered")
	}
	if _, err := Unload(context.Background(), dir, nil); err != nil {
		t.Error(err)
	}
}
