// SPDX-License-Identifier: MIT

package legacy_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/google/go-cmp/cmp"

	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/legacy"
	"github.com/bpfload/bpfload/spec"
)

// ciliumTestdata is where the module cache has the objects that cilium/ebpf tests
// its own reader with.
func ciliumTestdata(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/cilium/ebpf").Output()
	dir := strings.TrimSpace(string(out))
	if err != nil || dir == "" {
		t.Skipf("the module cache has no sources of cilium/ebpf: %v", err)
	}
	return filepath.Join(dir, "testdata")
}

// TestCiliumObjects compares with the five words that cilium/ebpf reads, and has
// the objects that it refuses.
func TestCiliumObjects(t *testing.T) {
	images, err := filepath.Glob(filepath.Join(ciliumTestdata(t), "*.elf"))
	if err != nil || len(images) == 0 {
		t.Skipf("no objects: %v", err)
	}
	refused := map[string]string{
		"invalid_map-el.elf":        `section "maps"+0x14 (map "invalid_map"): member "dummy" is set (byte 0x1 at +0x14) and no dialect knows it`,
		"invalid_map-eb.elf":        `section "maps"+0x14 (map "invalid_map"): member "dummy" is set (byte 0x1 at +0x17) and no dialect knows it`,
		"invalid_map_static-el.elf": `section "maps"+0x14 (map "hash_map"): the variable is static: loaders of section "maps" saw global ones only; remove the word static`,
		"invalid_map_static-eb.elf": `section "maps"+0x14 (map "hash_map"): the variable is static: loaders of section "maps" saw global ones only; remove the word static`,
	}
	compared := 0
	for _, path := range images {
		name := filepath.Base(path)
		image, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		f, types := elftest.MustParse(t, image)
		maps, _, err := legacy.Decode(f, types, legacy.Options{})
		if want, ok := refused[name]; ok || err != nil {
			if err == nil || err.Error() != want {
				t.Errorf("%s\n got %v\nwant %s", name, err, want)
			}
			continue
		}
		peer, err := ebpf.LoadCollectionSpec(path)
		if err != nil {
			continue
		}
		for _, m := range maps {
			p := peer.Maps[m.Name]
			if p == nil {
				t.Errorf("%s: cilium/ebpf has no map %q", name, m.Name)
				continue
			}
			compared++
			want := spec.Map{Type: p.Type, KeySize: p.KeySize, ValueSize: p.ValueSize, MaxEntries: p.MaxEntries, Flags: p.Flags}
			got := spec.Map{Type: m.Type, KeySize: m.KeySize, ValueSize: m.ValueSize, MaxEntries: m.MaxEntries, Flags: m.Flags}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: map %q (-cilium +this):\n%s", name, m.Name, diff)
			}
		}
	}
	if compared == 0 {
		t.Error("no map was compared")
	}
}
