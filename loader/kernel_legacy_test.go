// SPDX-License-Identifier: MIT

package loader

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cilium/ebpf"

	"github.com/bpfload/bpfload/internal/sys"
	"github.com/bpfload/bpfload/spec"
)

// What the kernel says of the maps of each legacy dialect is what the object says,
// and maps that ask for it are pinned where their loader pinned them.
func TestKernelLegacy(t *testing.T) {
	root := mountBPFFS(t)
	files, err := filepath.Glob(samplePath("legacy/*.o"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no samples: %v", err)
	}
	dialects, gated := map[string]int{}, 0
	for _, f := range files {
		if strings.HasSuffix(f, "-eb.o") {
			continue
		}
		name := filepath.Base(f)
		o, err := OpenFile(f, nil)
		if err != nil {
			continue // refused by name, which package legacy tests
		}
		for _, m := range o.Maps {
			if m.Legacy != nil && m.Legacy.Dialect == "gobpf" && m.Pinning == spec.PinCustom {
				m.PinPath = filepath.Join(root, "custom") // gobpf left it to its callers
			}
		}
		dir := filepath.Join(root, "set")
		opts := &LoadOptions{PinDir: dir, BPFFS: root}
		if strings.HasPrefix(name, "keytable") {
			for _, p := range o.Programs { // few kernels are built with their type
				opts.Optional = append(opts.Optional, p.Name)
			}
		}
		l, err := o.Load(t.Context(), opts)
		if err != nil {
			if e := Classify(err); e.Class == ClassOther || e.Class == ClassBug {
				t.Errorf("%s: %v is of no class", name, err)
			} else {
				t.Logf("%s: %v", name, err)
			}
			if left := entriesOf(t, root); len(left) > 0 {
				t.Errorf("%s: left behind %q", name, left)
			}
			continue
		}
		made := map[string]bool{}
		for _, m := range l.Maps {
			made[m.Spec.Name] = true
			compareWithKernel(t, name, m)
			if m.Spec.Legacy != nil {
				dialects[m.Spec.Legacy.Dialect]++
			}
		}
		for _, w := range l.Warnings {
			if w.Code == "other-kernel" {
				gated++
			}
		}
		plan, err := o.Plan(&LoadOptions{PinDir: dir, BPFFS: root})
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range plan.Steps() {
			if s.Op == "pin-map" && made[s.Map] {
				if _, err := os.Stat(s.Path); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
		}
		l.Close()
		if _, err := Unload(t.Context(), dir, nil); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, e := range entriesOf(t, root) {
			if err := os.RemoveAll(filepath.Join(root, e)); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Logf("maps by dialect: %v", dialects)
	if gated == 0 {
		t.Error("no Android map was left out for the kernel's version")
	}
	for _, d := range []string{"min", "libbpf", "samples", "iproute2", "aya", "aws", "gobpf", "goebpf", "android", "calico", "keytable"} {
		if dialects[d] == 0 {
			t.Errorf("no map of dialect %s was loaded", d)
		}
	}
}

func compareWithKernel(t *testing.T, object string, m *LoadedMap) {
	t.Helper()
	var info sys.MapInfo
	if err := sys.Info(sys.Host{}, m.FD(), &info); err != nil {
		t.Fatal(err)
	}
	s := m.Spec
	want := spec.Map{Type: s.Type, KeySize: s.KeySize, ValueSize: s.ValueSize, MaxEntries: s.MaxEntries, Flags: s.Flags}
	switch s.Type {
	case ebpf.ArrayOfMaps, ebpf.HashOfMaps:
		want.ValueSize = 4
	case ebpf.PerfEventArray:
		want.KeySize, want.ValueSize = 4, 4
		if want.MaxEntries == 0 {
			want.MaxEntries = info.MaxEntries
		}
	case ebpf.RingBuf:
		want.MaxEntries, want.ValueSize = ringSize(s.MaxEntries, uint32(os.Getpagesize())), 0
	case ebpf.DevMap, ebpf.DevMapHash, spec.InsnArray:
		want.Flags |= flagReadOnlyProgram
	}
	got := spec.Map{Type: ebpf.MapType(info.Type), KeySize: info.KeySize, ValueSize: info.ValueSize, MaxEntries: info.MaxEntries, Flags: info.MapFlags}
	if got.Type != want.Type || got.KeySize != want.KeySize || got.ValueSize != want.ValueSize || got.MaxEntries != want.MaxEntries || got.Flags != want.Flags {
		t.Errorf("%s: map %s is %s, want %s", object, s.Name, describeMap(&got), describeMap(&want))
	}
}
