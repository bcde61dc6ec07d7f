// SPDX-License-Identifier: MIT

package loader

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/internal/sys/systest"
	"github.com/bpfload/bpfload/spec"
)

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
		"another errno":     {refusals: 1000, errno: unix.Errno(524), warning: "btf-refused"},
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

func TestManyDescriptors(t *testing.T) {
	for name, tc := range map[string]struct{ more, want int }{"few": {0, 0}, "many": {60, 1}} {
		t.Run(name, func(t *testing.T) {
			k := systest.New()
			o := everything(t)
			for range tc.more {
				o.Maps = append(o.Maps, &spec.Map{Name: fmt.Sprint("m", len(o.Maps)), Type: 2, KeySize: 4, ValueSize: 4, MaxEntries: 1})
			}
			o.maps = o.Maps
			opts := on(k, LoadOptions{IgnorePins: true})
			opts.Workers = 0
			l, err := o.Load(t.Context(), opts)
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			if grown := k.Log("grow"); len(grown) != tc.want {
				t.Errorf("%q, want %d steps", grown, tc.want)
			}
		})
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

// A map of metadata is bound to every program, since none refers to it.
func TestMetadata(t *testing.T) {
	k := systest.New()
	o := everything(t)
	o.Variables[0].Name = "bpf_metadata_version"
	l, err := o.Load(t.Context(), on(k, LoadOptions{IgnorePins: true}))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	want := []string{"PROG_BIND_MAP prog:first map:everythi.rodata", "PROG_BIND_MAP prog:second map:everythi.rodata"}
	if d := cmp.Diff(want, k.Log("PROG_BIND_MAP")); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// Programs that are small themselves and share what is big do not take memory without
// bound.
func TestTooManyInstructions(t *testing.T) {
	const shared, programs = 1_000_000, 17
	o := &elftest.Object{BigEndian: nativeBig}
	insns := make([]elftest.Insn, shared)
	for i := range insns {
		insns[i] = elftest.Ret0
	}
	insns[shared-1] = elftest.Exit
	text := o.Code(".text", insns...)
	f := o.Func("f", text, 0, 8*shared)
	for i := range programs {
		s := o.Code(fmt.Sprint("xdp", i), elftest.CallLocal(-1), elftest.Exit)
		o.Func(fmt.Sprint("p", i), s, 0, 16)
		o.Rel(s, 0, f, 10)
	}
	obj, err := Open(o.Bytes(), nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = obj.Plan(on(systest.New(), LoadOptions{}))
	var e *Error
	if !errors.As(err, &e) || e.ExitCode() != 65 || e.Program != "p16" || !strings.Contains(err.Error(), "more than 16777216 instructions") {
		t.Errorf("got %v", err)
	}
	obj.Programs[3].Autoload = false
	if _, err := obj.Plan(on(systest.New(), LoadOptions{})); err != nil {
		t.Errorf("with one less: %v", err)
	}
}
