// SPDX-License-Identifier: MIT

package loader

import (
	"encoding/json"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/google/go-cmp/cmp"

	"github.com/bpfload/bpfload/internal/kernel"
	"github.com/bpfload/bpfload/internal/sys"
	"github.com/bpfload/bpfload/spec"
)

// shown is what "bpftool map show" prints of a map.
type shown struct {
	Type       string `json:"type"`
	Name       string `json:"name"`
	Flags      uint32 `json:"flags"`
	KeySize    uint32 `json:"bytes_key"`
	ValueSize  uint32 `json:"bytes_value"`
	MaxEntries uint32 `json:"max_entries"`
}

// Another program's view of the maps of an object of each dialect.
func TestKernelLegacyByBpftool(t *testing.T) {
	needRoot(t)
	skipBigEndian(t)
	bpftool, err := exec.LookPath("bpftool")
	if err != nil {
		t.Skip("bpftool is not installed")
	}
	node := uint32(flagNUMANode)
	for _, tc := range []struct {
		file, dialect string
		programs      bool // are of types that every kernel has
		want          []shown
	}{
		{"min16", "min", true, nil},
		{"version20", "libbpf", true, nil},
		{"id24", "calico", true, nil},
		{"samples28", "samples", true, []shown{
			{"array", "ports", 0, 4, 4, 64}, {"hash", "hosts", 0, 4, 4, 128}, {"array_of_maps", "array_of_ports", 0, 4, 4, 4},
			{"hash_of_maps", "hash_of_hosts", 0, 4, 4, 16}, {"hash", "on_node", node, 4, 8, 1000}, {"prog_array", "steps", 0, 4, 4, 8}}},
		{"keytable28", "keytable", false, []shown{{"array", "decoder_state", 0, 4, 8, 1}}},
		{"iproute28", "iproute2", true, nil},
		{"iproute36", "iproute2", true, []shown{
			{"array", "inner", 0, 4, 4, 1}, {"array", "inner_too", 0, 4, 4, 1}, {"array_of_maps", "outer", 0, 4, 4, 8},
			{"array", "pattern", 0, 4, 4078, 1}, {"hash_of_maps", "tables", 1, 2, 4, 65536}, {"prog_array", "calls", 0, 4, 4, 8192}}},
		{"aya28", "aya", true, nil},
		{"aws28", "aws", true, nil},
		{"goebpf40", "goebpf", true, []shown{
			{"array", "pattern", 0, 4, 8, 16}, {"hash", "private_pattern", 0, 4, 8, 32}, {"array_of_maps", "arrays", 0, 4, 4, 2},
			{"hash_of_maps", "hashes", 0, 4, 4, 2}, {"hash", "kept", 0, 4, 4, 64}, {"percpu_hash", "kept_too", 0, 4, 4, 64}}},
		{"gobpf280", "gobpf", true, nil},
		{"android116", "android", true, []shown{{"hash", "uid_bytes", 0, 4, 8, 1000}, {"array", "not_on_32_bit", 0, 4, 8, 1}}},
		{"android120", "android", true, []shown{{"hash", "uid_bytes", 1, 4, 8, 2000}}}, // the other is for Linux before 4.9
		{"android_maps", "netbpfload", true, []shown{{"hash", "uid_bytes", 0, 4, 8, 1000}}},
	} {
		t.Run(tc.file, func(t *testing.T) {
			o := sample(t, "legacy/"+tc.file+".o")
			opts := &LoadOptions{IgnorePins: true}
			if !tc.programs {
				for _, p := range o.Programs {
					opts.Optional = append(opts.Optional, p.Name)
				}
			}
			l, err := o.Load(t.Context(), opts)
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			var got, want []shown
			found := false
			for _, m := range l.Maps {
				if m.Spec.Legacy == nil {
					continue
				}
				found = found || m.Spec.Legacy.Dialect == tc.dialect
				got = append(got, show(t, bpftool, m.FD()))
				want = append(want, attributes(t, m))
			}
			if !found {
				t.Errorf("no map of the dialect %s", tc.dialect)
			}
			if tc.want != nil {
				want = tc.want
			}
			byName := func(a, b shown) int { return strings.Compare(a.Name, b.Name) }
			slices.SortFunc(got, byName)
			slices.SortFunc(want, byName)
			for i := range want {
				want[i].Name = want[i].Name[:min(len(want[i].Name), 15)]
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// show asks bpftool for one map.
func show(t *testing.T, bpftool string, fd int) shown {
	t.Helper()
	var info sys.MapInfo
	if err := sys.Info(sys.Host{}, fd, &info); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(bpftool, "-j", "map", "show", "id", strconv.Itoa(int(info.ID))).Output()
	if err != nil {
		t.Fatalf("bpftool: %v", err)
	}
	var s shown
	if err := json.Unmarshal(out, &s); err != nil {
		t.Fatalf("bpftool printed %s: %v", out, err)
	}
	return s
}

// attributes is what the object says of a map, where the test does not say it again.
func attributes(t *testing.T, m *LoadedMap) shown {
	t.Helper()
	s := m.Spec
	want := shown{spec.MapTypeName(s.Type), s.Name, s.Flags, s.KeySize, s.ValueSize, s.MaxEntries}
	switch s.Type {
	case ebpf.PerfEventArray:
		want.KeySize, want.ValueSize = 4, 4
		if s.MaxEntries == 0 {
			n, err := kernel.Running().PossibleCPUs()
			if err != nil {
				t.Fatal(err)
			}
			want.MaxEntries = uint32(n)
		}
	case ebpf.ArrayOfMaps, ebpf.HashOfMaps:
		want.ValueSize = 4
	}
	return want
}
