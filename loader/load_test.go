// SPDX-License-Identifier: MIT

package loader

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/internal/sys"
	"github.com/bpfload/bpfload/internal/sys/systest"
	"github.com/bpfload/bpfload/spec"
)

func TestOpenErrors(t *testing.T) {
	dir := t.TempDir()
	garbage := filepath.Join(dir, "garbage.o")
	if err := os.WriteFile(garbage, []byte("not an object"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		path string
		exit int
	}{"missing": {filepath.Join(dir, "none.o"), 66}, "directory": {dir, 66}, "garbage": {garbage, 65}} {
		t.Run(name, func(t *testing.T) {
			_, err := OpenFile(tc.path, nil)
			var place *elf.Error
			if tc.exit == 65 && (!errors.As(err, &place) || place.File != tc.path) {
				t.Errorf("error %v does not say which file", err)
			}
			if e := Classify(err); err == nil || e.ExitCode() != tc.exit || e.File() != tc.path {
				t.Errorf("got %v, exit %d of %q", err, e.ExitCode(), e.File())
			}
		})
	}
}

// The same object for a machine of the other byte order can be described, not
// loaded.
func TestByteOrder(t *testing.T) {
	name := "xdp_counters-eb.o"
	if nativeBig {
		name = "xdp_counters.o"
	}
	k := systest.New()
	_, err := sample(t, name).Load(t.Context(), on(k, LoadOptions{}))
	var e *Error
	if !errors.As(err, &e) || e.Class != ClassObject || e.Code != "byte-order" {
		t.Errorf("got %v", err)
	}
	if open := k.Open(); len(open) > 0 {
		t.Errorf("still open: %q", open)
	}
}

func TestBTFRefused(t *testing.T) {
	for name, tc := range map[string]struct {
		refusals int
		errno    unix.Errno
		warning  string
		exit     int
	}{
		"taken":             {},
		"after one step":    {refusals: 1, errno: unix.EINVAL, warning: "btf-rewritten"},
		"never":             {refusals: 1000, errno: unix.EINVAL, warning: "btf-refused"},
		"another time":      {refusals: 1000, errno: unix.ENOMEM, exit: 75},
		"without the right": {refusals: 1000, errno: unix.EPERM, exit: 4},
	} {
		t.Run(name, func(t *testing.T) {
			k := systest.New()
			n := 0
			k.RejectBTF = func([]byte) unix.Errno {
				if n++; n <= tc.refusals {
					return tc.errno
				}
				return 0
			}
			l, err := everything(t).Load(t.Context(), on(k, LoadOptions{IgnorePins: true}))
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
			defer l.Close()
			got := ""
			for _, w := range l.Warnings {
				got = w.Code
			}
			if got != tc.warning {
				t.Errorf("warnings %v, want %q", l.Warnings, tc.warning)
			}
			for _, p := range l.Programs {
				if with := k.Object(p.FD()).Prog.Attr.ProgBTFFD != 0; with == (tc.warning == "btf-refused") {
					t.Errorf("program %s was loaded with BTF: %v", p.Spec.Name, with)
				}
			}
		})
	}
}

// What the program refers to is in its instructions, and slots hold what the object
// says.
func TestHandedOver(t *testing.T) {
	k := systest.New()
	l, err := everything(t).Load(t.Context(), on(k, LoadOptions{IgnorePins: true}))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	fd := map[string]int{}
	for _, m := range l.Maps {
		fd[m.Spec.Name] = m.FD()
	}
	first, second := k.Object(l.Programs[0].FD()).Prog, l.Programs[1].FD()
	word := func(i int) uint32 { return binary.NativeEndian.Uint32(first.Insns[8*i+4:]) }
	if int(word(0)) != fd[".rodata"] || word(1) != 0 || first.Insns[1]>>4 != 2 {
		t.Errorf("the first load is % x", first.Insns[:16])
	}
	if int(word(2)) != fd["jump"] || first.Insns[17]>>4 != 1 {
		t.Errorf("the second load is % x", first.Insns[16:32])
	}
	if first.License != "GPL" || first.Attr.FuncInfoCnt != 1 {
		t.Errorf("license %q, %d functions", first.License, first.Attr.FuncInfoCnt)
	}
	slot := func(m string, i uint32) uint32 {
		key := binary.NativeEndian.AppendUint32(nil, i)
		value := k.Object(fd[m]).Elems[string(key)]
		if value == nil {
			return 0
		}
		return binary.NativeEndian.Uint32(value)
	}
	if got := slot("tables", 0); got != k.Object(fd["a"]).ID {
		t.Errorf("tables[0] is map %d", got)
	}
	if got := slot("tables", 1); got != k.Object(fd["b"]).ID {
		t.Errorf("tables[1] is map %d", got)
	}
	if got := slot("jump", 1); int(got) != second {
		t.Errorf("jump[1] is program %d, want %d", got, second)
	}
	ro := k.Object(fd[".rodata"])
	if !ro.Frozen || !bytes.Equal(ro.Elems["\x00\x00\x00\x00"], []byte{42, 0, 0, 0}) {
		t.Errorf(".rodata is %v, frozen %v", ro.Elems, ro.Frozen)
	}
}

// A kernel without batches for maps of maps is served one slot at a time.
func TestSlotsOneByOne(t *testing.T) {
	k := systest.New()
	k.Fail = func(_ int, call string) unix.Errno {
		if strings.HasPrefix(call, "MAP_UPDATE_BATCH") {
			return enotsupp
		}
		return 0
	}
	l, err := everything(t).Load(t.Context(), on(k, LoadOptions{IgnorePins: true}))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if got := k.Log("MAP_UPDATE_ELEM map:tables"); len(got) != 2 {
		t.Errorf("got %q, want two updates", got)
	}
}

func TestVerify(t *testing.T) {
	k := systest.New()
	k.Reject = func(p systest.Program) (unix.Errno, string) {
		if p.Name == "first" {
			return unix.EACCES, "0: (79) r0 = *(u64 *)(r1 +0)\nR1 invalid mem access 'scalar'\nprocessed 7 insns (limit 1000000) max_states_per_insn 0 total_states 2 peak_states 2 mark_read 1\n"
		}
		return 0, ""
	}
	o := everything(t)
	r, err := o.Verify(t.Context(), on(k, LoadOptions{PinDir: "/sys/fs/bpf/app"}))
	if err != nil {
		t.Fatal(err)
	}
	if r.Accepted || r.Err != nil || len(r.Programs) != 2 {
		t.Fatalf("got %+v", r)
	}
	first, second := r.Programs[0], r.Programs[1]
	var e *Error
	if first.Verdict != VerdictRejected || !errors.As(first.Err, &e) || e.Code != "verifier-rejected" || first.Stats.Processed != 7 {
		t.Errorf("first: %+v", first)
	}
	if second.Verdict != VerdictOK || second.Err != nil || second.Insns != 2 {
		t.Errorf("second: %+v", second)
	}
	if open, tree := k.Open(), k.Tree("/sys/fs/bpf"); len(open) > 0 || len(tree) > 0 {
		t.Errorf("left behind: %q, %q", open, tree)
	}

	o.Program("first").Autoload = false
	if r, err = o.Verify(t.Context(), on(k, LoadOptions{})); err != nil || !r.Accepted || r.Programs[0].Verdict != VerdictSkipped {
		t.Errorf("without the bad one: %+v, %v", r, err)
	}
	k.RejectMap = func(a *sys.MapCreate) unix.Errno { return unix.EINVAL }
	if r, err = o.Verify(t.Context(), on(k, LoadOptions{})); err != nil || r.Accepted || r.Err == nil || r.Programs[1].Verdict != VerdictRejected {
		t.Errorf("without maps: %+v, %v", r, err)
	}
	k.Caps = 0
	if _, err = o.Verify(t.Context(), on(k, LoadOptions{})); !errors.As(err, &e) || e.ExitCode() != 4 || !strings.Contains(err.Error(), "CAP_BPF is missing") {
		t.Errorf("without rights: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	k.Caps = 1 << unix.CAP_SYS_ADMIN
	if _, err = o.Verify(ctx, on(k, LoadOptions{})); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestParseStats(t *testing.T) {
	for name, tc := range map[string]struct {
		log  string
		want Stats
	}{
		"6.x":     {"verification time 47 usec\nstack depth 16+8\nprocessed 12 insns (limit 1000000) max_states_per_insn 0 total_states 3 peak_states 2 mark_read 1\n", Stats{12, 3, 2, 24, 47000}},
		"5.1":     {"processed 12 insns (limit 1000000) max_states_per_insn 0 total_states 3 peak_states 2 mark_read 1\n", Stats{Processed: 12, States: 3, PeakStates: 2}},
		"empty":   {"", Stats{}},
		"garbage": {"processed many insns\nstack depth x+8\nverification time -3 usec\n", Stats{Stack: 8}},
	} {
		t.Run(name, func(t *testing.T) {
			if d := cmp.Diff(tc.want, parseStats(tc.log)); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// The error is that of the first program in file order, however many fail and in
// whatever order threads come to them.
func TestFirstError(t *testing.T) {
	for range 50 {
		k := systest.New()
		k.Reject = func(systest.Program) (unix.Errno, string) { return unix.EACCES, "R0 !read_ok\n" }
		opts := on(k, LoadOptions{IgnorePins: true})
		opts.Workers = 4
		_, err := everything(t).Load(t.Context(), opts)
		var e *Error
		if !errors.As(err, &e) || e.Program != "first" {
			t.Fatalf("got %v", err)
		}
	}
}

func TestOptional(t *testing.T) {
	k := systest.New()
	k.Reject = func(p systest.Program) (unix.Errno, string) {
		if p.Name == "second" {
			return unix.EINVAL, ""
		}
		return 0, ""
	}
	l, err := everything(t).Load(t.Context(), on(k, LoadOptions{PinDir: "/sys/fs/bpf/app", Optional: []string{"second"}}))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	var codes []string
	for _, w := range l.Warnings {
		codes = append(codes, w.Code)
	}
	if d := cmp.Diff([]string{"program-skipped", "slot-left-empty"}, codes); d != "" || len(l.Programs) != 1 {
		t.Errorf("%d programs, warnings %s", len(l.Programs), d)
	}
}

// Several objects are one load: a fault in the last leaves nothing of the first.
func TestLoadAll(t *testing.T) {
	k := systest.New()
	one, two := everything(t), everything(t)
	two.Name = "other.o"
	opts := LoadOptions{PinDir: "/sys/fs/bpf/app"}
	all, err := LoadAll(t.Context(), []*Object{one, two}, on(k, opts))
	if err != nil {
		t.Fatal(err)
	}
	for i, dir := range []string{"/sys/fs/bpf/app/everything/", "/sys/fs/bpf/app/other/"} {
		for _, m := range all[i].Maps {
			if !strings.HasPrefix(m.Pin, dir) || k.Pinned(m.Pin) == nil {
				t.Errorf("map %s is pinned at %q, want below %s", m.Spec.Name, m.Pin, dir)
			}
			if m.Reused != (i == 1 && m.Spec.Name == "shared") {
				t.Errorf("map %s of object %d: reused is %v", m.Spec.Name, i, m.Reused)
			}
		}
		all[i].Close()
	}
	before := k.Tree("/sys/fs/bpf")
	n := 0
	k.Reject = func(systest.Program) (unix.Errno, string) {
		if n++; n == 4 {
			return unix.EINVAL, ""
		}
		return 0, ""
	}
	opts.Replace = true
	if _, err := LoadAll(t.Context(), []*Object{one, two}, on(k, opts)); err == nil {
		t.Fatal("the second object was to fail")
	}
	if d := cmp.Diff(before, k.Tree("/sys/fs/bpf")); d != "" {
		t.Errorf("(-before +after):\n%s", d)
	}
	if open := k.Open(); len(open) > 0 {
		t.Errorf("still open: %q", open)
	}
	if plans, err := PlanAll([]*Object{one, two}, &opts); err != nil || len(plans) != 2 {
		t.Errorf("PlanAll: %d plans, %v", len(plans), err)
	}
}

// Maps that are given, or pinned elsewhere, take the place of the object's.
func TestGivenMaps(t *testing.T) {
	k := systest.New()
	first, err := everything(t).Load(t.Context(), on(k, LoadOptions{PinDir: "/sys/fs/bpf/first"}))
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	pins := map[string]string{"a": "/sys/fs/bpf/first/a", ".rodata": "/sys/fs/bpf/first/rodata"}
	second, err := everything(t).Load(t.Context(), on(k, LoadOptions{IgnorePins: true, MapPins: pins}))
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	for _, m := range second.Maps {
		_, want := pins[m.Spec.Name]
		if m.Reused != want {
			t.Errorf("map %s: reused is %v", m.Spec.Name, m.Reused)
		}
	}
	for name, tc := range map[string]struct {
		pin  string
		code string
	}{
		"missing":      {"/sys/fs/bpf/none", "pin-missing"},
		"incompatible": {"/sys/fs/bpf/first/jump", "pin-incompatible"},
	} {
		_, err := everything(t).Load(t.Context(), on(k, LoadOptions{IgnorePins: true, MapPins: map[string]string{"a": tc.pin}}))
		var e *Error
		if !errors.As(err, &e) || e.Code != tc.code || e.ExitCode() != 73 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestReplaceCarriesOver(t *testing.T) {
	k := systest.New()
	dir := LoadOptions{PinDir: "/sys/fs/bpf/app", IgnorePins: true}
	first, err := everything(t).Load(t.Context(), on(k, dir))
	if err != nil {
		t.Fatal(err)
	}
	first.Close()
	if _, err := everything(t).Load(t.Context(), on(k, dir)); Classify(err).Code != "pin-exists" {
		t.Errorf("loading over a set: %v", err)
	}
	old := k.Pinned("/sys/fs/bpf/app/a")

	dir.Replace = true
	second, err := everything(t).Load(t.Context(), on(k, dir))
	if err != nil {
		t.Fatal(err)
	}
	second.Close()
	if k.Pinned("/sys/fs/bpf/app/a") == old {
		t.Error("a map was carried over though nobody asked")
	}

	old, b := k.Pinned("/sys/fs/bpf/app/a"), k.Pinned("/sys/fs/bpf/app/b")
	dir.Reuse = ReuseCompatible
	o := everything(t)
	o.Map("b").MaxEntries++
	third, err := o.Load(t.Context(), on(k, dir))
	if err != nil {
		t.Fatal(err)
	}
	defer third.Close()
	if k.Pinned("/sys/fs/bpf/app/a") != old || k.Pinned("/sys/fs/bpf/app/b") == b {
		t.Error("not just the map that did not change was carried over")
	}
	found := false
	for _, w := range third.Warnings {
		found = found || w.Code == "map-not-carried-over" && w.Symbol == "b" && strings.Contains(w.Message, "max_entries is 4, want 5")
	}
	if !found {
		t.Errorf("warnings %v", third.Warnings)
	}
}

// A map whose definition says so takes the place of the one that is pinned.
func TestPinReplace(t *testing.T) {
	for name, flags := range map[string]bool{"exchange": true, "old kernel": false} {
		t.Run(name, func(t *testing.T) {
			k := systest.New()
			if !flags {
				k.Fail = func(_ int, call string) unix.Errno {
					if strings.HasPrefix(call, "rename") && !strings.HasSuffix(call, " replace") {
						return unix.EINVAL
					}
					return 0
				}
			}
			load := func() (*Loaded, error) {
				o := everything(t)
				o.Map("shared").Pinning = spec.PinReplace
				return o.Load(t.Context(), on(k, LoadOptions{}))
			}
			for range 2 {
				before := k.Pinned("/sys/fs/bpf/shared")
				l, err := load()
				if err != nil {
					t.Fatal(err)
				}
				l.Close()
				if now := k.Pinned("/sys/fs/bpf/shared"); now == nil || now == before {
					t.Error("the pin is not the new map's")
				}
			}
			if d := cmp.Diff([]string{"/sys/fs/bpf/shared map:shared"}, k.Tree("/sys/fs/bpf")); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func TestModeAndOwner(t *testing.T) {
	k := systest.New()
	l, err := everything(t).Load(t.Context(), on(k, LoadOptions{PinDir: "/sys/fs/bpf/app", IgnorePins: true, Mode: 0o640, Owner: &Owner{UID: 7, GID: 8}}))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for path, mode := range map[string]uint32{"/sys/fs/bpf/app": 0o750, "/sys/fs/bpf/app/a": 0o640, "/sys/fs/bpf/app/first": 0o640} {
		st, err := k.Lstat(path)
		if err != nil || st.Mode&0o777 != mode || st.UID != 7 || st.GID != 8 {
			t.Errorf("%s: mode %#o of %d:%d, %v", path, st.Mode&0o777, st.UID, st.GID, err)
		}
	}
}

func TestManyDescriptors(t *testing.T) {
	for name, own := range map[string]bool{"shared table": false, "own table": true} {
		t.Run(name, func(t *testing.T) {
			k := systest.New()
			o := everything(t)
			for range 60 {
				o.Maps = append(o.Maps, &spec.Map{Name: fmt.Sprint("m", len(o.Maps)), Type: 2, KeySize: 4, ValueSize: 4, MaxEntries: 1})
			}
			o.maps = o.Maps
			opts := on(k, LoadOptions{IgnorePins: true, OwnThread: own})
			opts.Workers = 0
			l, err := o.Load(t.Context(), opts)
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			grown, own := len(k.Log("grow")), len(k.Log("unshare"))
			if grown+own != 1 || (own == 1) != opts.OwnThread {
				t.Errorf("grown %d times, unshared %d times", grown, own)
			}
		})
	}
}

// A kernel that charges memory to a limit has the limit raised, once it was hit.
func TestMemlock(t *testing.T) {
	for release, want := range map[string]int{"5.10.0": 1, "6.18.0": 0} {
		k := systest.New()
		k.RejectMap = func(*sys.MapCreate) unix.Errno {
			if !k.Raised {
				return unix.EPERM
			}
			return 0
		}
		opts := on(k, LoadOptions{IgnorePins: true})
		opts.facts = recorded(release, nil)
		l, err := everything(t).Load(t.Context(), opts)
		if (err == nil) != (want == 1) || k.Raised != (want == 1) {
			t.Errorf("Linux %s: raised %v, %v", release, k.Raised, err)
		}
		if err == nil {
			l.Close()
		}
	}
}

func TestConcurrentLoads(t *testing.T) {
	for name, tc := range map[string]struct {
		dir  func(i int) string
		want int
	}{
		"different directories": {func(i int) string { return fmt.Sprint("/sys/fs/bpf/app", i) }, 20},
		"one directory":         {func(int) string { return "/sys/fs/bpf/app" }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			k := systest.New()
			o := everything(t)
			var wg sync.WaitGroup
			var mu sync.Mutex
			done := 0
			for i := range 20 {
				wg.Go(func() {
					l, err := o.Load(t.Context(), on(k, LoadOptions{PinDir: tc.dir(i)}))
					mu.Lock()
					defer mu.Unlock()
					if err == nil {
						done++
						l.Close()
					} else if Classify(err).Code != "pin-exists" {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			if done != tc.want {
				t.Errorf("%d of 20 loads were done, want %d", done, tc.want)
			}
			if k.Pinned("/sys/fs/bpf/shared") == nil {
				t.Error("the map that all share is not pinned")
			}
			if open := k.Open(); len(open) > 0 {
				t.Errorf("still open: %q", open)
			}
		})
	}
}
