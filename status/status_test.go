// SPDX-License-Identifier: MIT

package status_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/attach"
	"github.com/bpfload/bpfload/loader"
	"github.com/bpfload/bpfload/status"
)

func bpffs(t *testing.T) string {
	if os.Geteuid() != 0 {
		t.Skip("mounting a bpffs takes root")
	}
	dir := t.TempDir()
	if err := unix.Mount("bpf", dir, "bpf", 0, "mode=0700"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Unmount(dir, unix.MNT_DETACH) })
	return dir
}

func TestKernelStatus(t *testing.T) {
	pins := bpffs(t)
	samples := os.Getenv("BPFLOAD_SAMPLES")
	if samples == "" {
		samples = "../testdata"
	}
	o, err := loader.OpenFile(filepath.Join(samples, "bpf/tracepoint.o"), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range o.Programs {
		p.Autoload = p.Name == "by_number"
	}
	l, err := o.Load(context.Background(), &loader.LoadOptions{PinDir: filepath.Join(pins, "set"), Attach: (&attach.Options{Sections: true}).Func()})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	// A load under way is nobody's business, a note of something else neither.
	if err := os.MkdirAll(filepath.Join(pins, "0-bpfload-other"), 0o700); err != nil {
		t.Fatal(err)
	}
	if prog, err := l.Program("by_number"); err != nil || prog.Pin(filepath.Join(pins, "0-bpfload-other", "x")) != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/etc/passwd", filepath.Join(pins, "set", "note")); err != nil {
		t.Fatal(err)
	}
	if stats, err := ebpf.EnableStats(uint32(unix.BPF_STATS_RUN_TIME)); err == nil {
		time.Sleep(50 * time.Millisecond)
		stats.Close()
	}

	r, err := status.Read(pins)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Programs) != 1 || len(r.Maps) != len(l.Maps) || len(r.Links) != 1 || r.Empty() {
		t.Fatalf("%+v", r)
	}
	p := r.Programs[0]
	if id, _ := l.Programs[0].ID(); p.ID != id || p.Name != "by_number" || p.Type != "raw_tracepoint" || p.Pin != l.Programs[0].Pin {
		t.Errorf("the program: %+v", p)
	}
	if age := time.Since(p.LoadedAt); age < -time.Second || age > time.Minute {
		t.Errorf("loaded %v ago", age)
	}
	if p.RunCount == 0 || p.RunSeconds <= 0 || p.RunSeconds > 60 {
		t.Errorf("ran %d times, %v seconds", p.RunCount, p.RunSeconds)
	}
	if !slices.Equal(p.Attached, []string{"raw_tp:sched_switch"}) || r.Links[0].Program != p.ID {
		t.Errorf("attached to %v by %+v", p.Attached, r.Links[0])
	}
	for _, m := range r.Maps {
		if !slices.Contains(p.MapIDs, m.ID) {
			t.Errorf("map %s, id %d, is not among those of the program, %v", m.Pin, m.ID, p.MapIDs)
		}
	}
}

func TestReadErrors(t *testing.T) {
	pins := bpffs(t)
	for dir, code := range map[string]string{filepath.Join(pins, "none"): "not-loaded", "/proc": "bpffs-not-mounted"} {
		_, err := status.Read(dir)
		var e *loader.Error
		if !errors.As(err, &e) || e.Code != code {
			t.Errorf("%s: %v, want code %q", dir, err, code)
		}
	}
	if r, err := status.Read(pins); err != nil || !r.Empty() {
		t.Errorf("an empty bpffs: %+v, %v", r, err)
	}
}
