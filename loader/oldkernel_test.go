// SPDX-License-Identifier: MIT

package loader

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/internal/sys"
	"github.com/bpfload/bpfload/internal/sys/systest"
)

// Kernels before 5.5 have one helper where there are two now; they are given a program
// that calls it after they refused the other, and newer ones never are.
func TestProbeReadOfOldKernels(t *testing.T) {
	for name, tc := range map[string]struct {
		release string
		want    []uint32
		loads   int
		exit    int
	}{
		"old": {release: "5.4.0", want: []uint32{4, 4, 45, 45, 14}, loads: 3}, // leaf is a program, too
		"new": {release: "5.5.0", loads: 2, exit: 71},                         // the second one for the log
	} {
		t.Run(name, func(t *testing.T) {
			f := &elftest.Object{BigEndian: nativeBig}
			code := []elftest.Insn{}
			for _, id := range []int32{112, 113, 114, 115, 14} {
				code = append(code, elftest.CallHelper(id))
			}
			// Neither an immediate nor a function of the object is a helper.
			code = append(code, elftest.LoadImm64(1, 0, 113, 113)...)
			code = append(code, elftest.CallLocal(1), elftest.Exit, elftest.Ret0, elftest.Exit)
			raw := f.Code("raw_tp", code...)
			leaf := uint64(8 * (len(code) - 2))
			f.Func("p", raw, 0, leaf)
			f.Func("leaf", raw, leaf, 16)
			f.License("GPL")
			o, err := Open(f.Bytes(), nil)
			if err != nil {
				t.Fatal(err)
			}
			k := systest.New()
			k.Reject = func(p systest.Program) (unix.Errno, string) {
				for _, id := range helpersOf(p.Insns) {
					if id > 111 {
						return unix.EINVAL, "0: (85) call unknown#113\ninvalid func unknown#113\nprocessed 1 insns\n"
					}
				}
				return 0, ""
			}
			opts := on(k, LoadOptions{})
			opts.ids = recorded(tc.release, nil)
			opts.facts = opts.ids
			l, err := o.Load(t.Context(), opts)
			if n := len(k.Log("PROG_LOAD")); n != tc.loads {
				t.Errorf("%d attempts, want %d: %q", n, tc.loads, k.Log("PROG_LOAD"))
			}
			if tc.exit != 0 {
				if e := (*Error)(nil); !errors.As(err, &e) || e.ExitCode() != tc.exit {
					t.Errorf("got %v, want exit %d", err, tc.exit)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			if diff := cmp.Diff(tc.want, helpersOf(k.Object(l.Programs[0].FD()).Prog.Insns)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// helpersOf lists the helpers that instructions call, in the order of this machine.
func helpersOf(insns []byte) (ids []uint32) {
	for ; len(insns) >= 8; insns = insns[8:] {
		if id, ok := helperOf(insns, nativeBig); ok {
			ids = append(ids, id)
		}
	}
	return ids
}

func TestHelperOfBothByteOrders(t *testing.T) {
	for _, big := range []bool{false, true} {
		o := elftest.Object{BigEndian: big}
		if id, ok := helperOf(o.Insns(elftest.CallHelper(113)), big); !ok || id != 113 {
			t.Errorf("big %t: %d, %t", big, id, ok)
		}
		for _, other := range []elftest.Insn{elftest.CallLocal(113), elftest.Exit, {Op: 0xb7, Imm: 113}} {
			if id, ok := helperOf(o.Insns(other), big); ok {
				t.Errorf("big %t: %+v calls helper %d", big, other, id)
			}
		}
	}
}

// A kernel before 4.15 does not know names of programs.
func TestProgramNameRefused(t *testing.T) {
	for name, tc := range map[string]struct {
		release string
		exit    int
	}{"old": {"4.14.0", 0}, "new": {"4.15.0", 71}} {
		t.Run(name, func(t *testing.T) {
			k := systest.New()
			k.Reject = func(p systest.Program) (unix.Errno, string) {
				if p.Attr.ProgName != (sys.Name{}) {
					return unix.E2BIG, ""
				}
				return 0, ""
			}
			opts := on(k, LoadOptions{IgnorePins: true})
			opts.ids = recorded(tc.release, nil)
			opts.facts = opts.ids
			l, err := everything(t).Load(t.Context(), opts)
			if tc.exit != 0 {
				if e := (*Error)(nil); !errors.As(err, &e) || e.ExitCode() != tc.exit {
					t.Errorf("got %v, want exit %d", err, tc.exit)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			l.Close()
		})
	}
}

// Before 5.2 no kernel has global variables. Their map is left out where nothing that
// is loaded refers to it, and named where something does.
func TestDataOfOldKernels(t *testing.T) {
	for name, tc := range map[string]struct {
		release string
		uses    bool
		exit    int
		text    string
	}{
		"unused": {"4.19.0", false, 0, ""},
		"used":   {"4.19.0", true, 3, "this kernel has no global variables (Linux 5.2 has)"},
		"new":    {"5.2.0", false, 71, "invalid argument"},
	} {
		t.Run(name, func(t *testing.T) {
			f := &elftest.Object{BigEndian: nativeBig}
			rodata := f.Rodata(".rodata", bytes.Repeat([]byte{1}, 16))
			xdp := f.Code("xdp", append(elftest.LoadImm64(1, 0, 0, 0), elftest.Ret0, elftest.Exit)...)
			f.Func("p", xdp, 0, 32)
			limit := f.Object("limit", rodata, 0, 16)
			if tc.uses {
				f.Rel(xdp, 0, limit, 1)
			}
			f.License("GPL")
			o, err := Open(f.Bytes(), nil)
			if err != nil {
				t.Fatal(err)
			}
			k := systest.New()
			k.RejectMap = func(*sys.MapCreate) unix.Errno { return unix.EINVAL }
			opts := on(k, LoadOptions{PinDir: "/sys/fs/bpf/set"})
			opts.ids = recorded(tc.release, nil)
			opts.facts = opts.ids
			l, err := o.Load(t.Context(), opts)
			if tc.exit != 0 {
				if e := (*Error)(nil); !errors.As(err, &e) || e.ExitCode() != tc.exit || !strings.Contains(err.Error(), tc.text) {
					t.Errorf("got %v, want exit %d and %q", err, tc.exit, tc.text)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			if len(l.Warnings) != 1 || l.Warnings[0].Code != "data-left-out" || l.Warnings[0].Symbol != ".rodata" {
				t.Errorf("warnings %v", l.Warnings)
			}
		})
	}
}
