// SPDX-License-Identifier: MIT

package loader

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/link"

	"github.com/bpfload/bpfload/internal/kerneltest"
)

// Every sample that any machine can load is loaded, pinned, unloaded.
func TestKernelSamples(t *testing.T) {
	root := mountBPFFS(t)
	before := openFDs(t)
	loaded := 0
	for _, name := range samples(t) {
		o, err := OpenFile(samplePath(name), nil)
		if err != nil {
			continue // TestOpenSamples says whether that is right
		}
		dir := filepath.Join(root, "app")
		l, err := o.Load(t.Context(), &LoadOptions{PinDir: dir, BPFFS: root})
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || e.Class == ClassBug || e.Class == ClassOther {
				t.Errorf("%s: %v is of no class", name, err)
			}
			if left := entriesOf(t, root); len(left) > 0 {
				t.Errorf("%s: %v: left behind %q", name, err, left)
			}
			continue
		}
		loaded++
		for _, p := range l.Programs {
			if st, err := os.Stat(p.Pin); err != nil || st.Mode().Perm() != 0o600 {
				t.Errorf("%s: program %s: pin %q: %v", name, p.Spec.Name, p.Pin, err)
			}
		}
		if err := l.Close(); err != nil {
			t.Errorf("%s: Close: %v", name, err)
		}
		if _, err := Unload(t.Context(), dir, nil); err != nil {
			t.Errorf("%s: Unload: %v", name, err)
		}
		for _, p := range entriesOf(t, root) {
			if err := os.Remove(filepath.Join(root, p)); err != nil { // pinned by name
				t.Errorf("%s: left behind %s", name, p)
			}
		}
	}
	if want := enough(t); loaded < want {
		t.Errorf("only %d samples were loaded, want %d", loaded, want)
	}
	if after := openFDs(t); after != before {
		t.Errorf("%d descriptors of BPF objects are open, were %d", after, before)
	}
}

// A loaded program works with the link package of cilium/ebpf, and its map counts.
func TestKernelAttachXDP(t *testing.T) {
	needRoot(t)
	skipBigEndian(t)
	for _, name := range []string{"xdp_counters.o", "xdp_counters-clang22.o"} {
		t.Run(name, func(t *testing.T) {
			l, err := sample(t, name).Load(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			prog, err := l.Programs[0].Program()
			if err != nil {
				t.Fatal(err)
			}
			m, err := l.Maps[0].Map()
			if err != nil {
				t.Fatal(err)
			}
			if prog.Type() != ebpf.XDP || m.Type() != ebpf.PerCPUArray {
				t.Fatalf("got %s and %s", prog.Type(), m.Type())
			}
			data := make([]byte, 64)
			data[12], data[13] = 0x08, 0x00 // IPv4
			if _, err := prog.Run(&ebpf.RunOptions{Data: data, Repeat: 10}); err != nil {
				t.Fatal(err)
			}
			if n := total(t, m); n != 10 {
				t.Errorf("the map counted %d packets, want 10", n)
			}
			attached, err := link.AttachXDP(link.XDPOptions{Program: prog, Interface: 1, Flags: link.XDPGenericMode})
			if err != nil {
				kerneltest.Without(t, "no XDP on the loopback device: %v", err)
			}
			defer attached.Close()
			before := total(t, m)
			ping(t)
			if n := total(t, m); n <= before {
				t.Errorf("the map counted no packet of the loopback device")
			}
		})
	}
}

// Contents, variables and slots are where the kernel looks for them.
func TestKernelContents(t *testing.T) {
	needRoot(t)
	skipBigEndian(t)
	o := sample(t, "map_in_map.o")
	l, err := o.Load(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for _, m := range o.Maps {
		if m.Inner == nil || m.KeySize != 4 {
			continue
		}
		outer, err := l.Map(m.Name)
		if err != nil {
			t.Fatal(err)
		}
		want := map[uint32]string{}
		for _, v := range m.Values {
			want[v.Index] = v.Map
		}
		for slot := range m.MaxEntries {
			var id uint32
			err := outer.Lookup(slot, &id)
			if name, ok := want[slot]; ok != (err == nil) {
				t.Errorf("%s[%d]: %v, want %q", m.Name, slot, err, name)
				continue
			} else if !ok {
				continue
			}
			inner, err := l.Map(want[slot])
			if err != nil {
				t.Fatal(err)
			}
			info, err := inner.Info()
			if err != nil {
				t.Fatal(err)
			}
			if got, _ := info.ID(); uint32(got) != id {
				t.Errorf("%s[%d] holds map %d, want %s (%d)", m.Name, slot, id, want[slot], got)
			}
		}
	}
}

func TestKernelTailCalls(t *testing.T) {
	needRoot(t)
	skipBigEndian(t)
	l, err := sample(t, "tailcall.o").Load(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	prog, err := l.Program("entry")
	if err != nil {
		t.Fatal(err)
	}
	data := make([]byte, 64)
	data[12], data[13] = 0x08, 0x00
	if _, err := prog.Run(&ebpf.RunOptions{Data: data, Repeat: 3}); err != nil {
		t.Fatal(err)
	}
	bss, err := l.Map(".bss")
	if err != nil {
		t.Fatal(err)
	}
	var hits [3]uint64
	if err := bss.Lookup(uint32(0), &hits); err != nil {
		t.Fatal(err)
	}
	if hits != [3]uint64{0, 3, 0} {
		t.Errorf("hits are %v, want 3 IPv4 packets", hits)
	}
}

// The last program is rejected: nothing may be left, and the error names it, with
// the verifier's word.
func TestKernelRejected(t *testing.T) {
	root := mountBPFFS(t)
	before := openFDs(t)
	_, err := sample(t, "verifier_reject.o").Load(t.Context(), &LoadOptions{PinDir: filepath.Join(root, "deep", "app"), BPFFS: root})
	var e *Error
	if !errors.As(err, &e) || e.Program != "wrong" || e.ExitCode() != 71 || e.Log == "" || !strings.Contains(err.Error(), "map_value_or_null") {
		t.Fatalf("got %v (%+v)", err, e)
	}
	if left := entriesOf(t, root); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
	if after := openFDs(t); after != before {
		t.Errorf("%d descriptors of BPF objects are open, were %d", after, before)
	}
}

// A map that is pinned by name is reused, its contents are kept, and a change of
// its definition is an error that lists the fields.
func TestKernelReuseByName(t *testing.T) {
	root := mountBPFFS(t)
	opts := &LoadOptions{BPFFS: root}
	first, err := sample(t, "pinning.o").Load(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	m, err := first.Map("bpfload_sessions")
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Put(uint32(7), make([]byte, 16)); err != nil {
		t.Fatal(err)
	}
	second, err := sample(t, "pinning-clang22.o").Load(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	for _, m := range second.Maps {
		if m.Reused != (m.Spec.Name == "bpfload_sessions") {
			t.Errorf("map %s: reused is %v", m.Spec.Name, m.Reused)
		}
	}
	if m, err = second.Map("bpfload_sessions"); err != nil {
		t.Fatal(err)
	}
	var value [16]byte
	if err := m.Lookup(uint32(7), &value); err != nil {
		t.Errorf("what was in the map is gone: %v", err)
	}

	o := sample(t, "pinning.o")
	o.Map("bpfload_sessions").MaxEntries = 2048
	_, err = o.Load(t.Context(), opts)
	var differs *IncompatibleError
	if !errors.As(err, &differs) || len(differs.Differences) != 1 || differs.Differences[0] != (Difference{"max_entries", "1024", "2048"}) {
		t.Errorf("another size: %v", err)
	}
	var e *Error
	if errors.As(err, &e) && e.ExitCode() != 73 {
		t.Errorf("exit code %d, want 73", e.ExitCode())
	}
	never := *opts
	never.Reuse = ReuseNever
	if _, err = sample(t, "pinning.o").Load(t.Context(), &never); !errors.As(err, &e) || e.Code != "pin-exists" {
		t.Errorf("never reuse: %v", err)
	}
}
