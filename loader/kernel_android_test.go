// SPDX-License-Identifier: MIT

package loader

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/cilium/ebpf"
)

// Android's pins are where bpfloader put them, with the mode and the owner that the
// records name or else the caller; of two variants of a program one is loaded, and
// takes the pin over when the set is replaced.
func TestKernelAndroidPins(t *testing.T) {
	needRoot(t)
	skipBigEndian(t)
	for name, tc := range map[string]struct {
		file string
		opts LoadOptions
		want map[string]string // mode and owner by path
	}{
		"as the records say": {"android48", LoadOptions{}, map[string]string{
			"map_android48_uid_bytes":                     "0660 0:3003",
			"map_android48_events":                        "0660 0:0",
			"prog_android48_schedcls_ingress6_clat_rawip": "0440 0:0",
		}},
		"as the caller says": {"android48", LoadOptions{Mode: 0o600, Owner: &Owner{7, 8}}, map[string]string{
			"map_android48_uid_bytes":                     "0600 7:8",
			"map_android48_events":                        "0600 7:8",
			"prog_android48_schedcls_ingress6_clat_rawip": "0600 7:8",
		}},
		"from .android_progs": {"android_maps", LoadOptions{}, map[string]string{
			"netd_shared/map_netd_uid_bytes": "0660 0:3003",
			"netd_shared/prog_netd_ingress":  "0440 0:3005",
		}},
		"in directories": {"android116", LoadOptions{}, map[string]string{
			"netd_shared/map__uid_bytes":                            "0660 0:3003",
			"tethering/map_android116_not_on_32_bit":                "0400 0:0",
			"netd_readonly/prog_android116_cgroupskb_ingress_stats": "0440 0:0",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			root := mountBPFFS(t)
			o := sample(t, "legacy/"+tc.file+".o")
			opts := tc.opts
			opts.BPFFS, opts.PinDir = root, filepath.Join(root, "set")
			for i := range 2 {
				opts.Replace = i == 1
				l, err := o.Load(t.Context(), &opts)
				if err != nil {
					t.Fatal(err)
				}
				checkPins(t, root, tc.want)
				for p := range tc.want {
					if !strings.Contains(p, "prog_") {
						continue
					}
					pinned, err := ebpf.LoadPinnedProgram(filepath.Join(root, p), nil)
					if err != nil {
						t.Fatal(err)
					}
					mine, err := l.Program(l.Programs[0].Spec.Name)
					if err != nil {
						t.Fatal(err)
					}
					if a, b := programID(t, pinned), programID(t, mine); a != b {
						t.Errorf("program %d is pinned, %d was loaded", a, b)
					}
					pinned.Close()
				}
				l.Close()
			}
		})
	}
}

func programID(t *testing.T, p *ebpf.Program) ebpf.ProgramID {
	t.Helper()
	info, err := p.Info()
	if err != nil {
		t.Fatal(err)
	}
	id, _ := info.ID()
	return id
}

// checkPins compares the pins outside the set.
func checkPins(t *testing.T, root string, want map[string]string) {
	t.Helper()
	var got []string
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			if d.Name() == "set" {
				return fs.SkipDir
			}
			return err
		}
		name, _ := filepath.Rel(root, p)
		got = append(got, name)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for name, line := range want {
		names = append(names, name)
		info, err := os.Stat(filepath.Join(root, name))
		if err != nil {
			t.Error(err)
			continue
		}
		owner := info.Sys().(*syscall.Stat_t)
		if s := fmt.Sprintf("%04o %d:%d", info.Mode().Perm(), owner.Uid, owner.Gid); s != line {
			t.Errorf("%s: %s, want %s", name, s, line)
		}
	}
	slices.Sort(names)
	if !slices.Equal(got, names) {
		t.Errorf("pins %q, want %q", got, names)
	}
}
