// SPDX-License-Identifier: MIT

package loader

import (
	"testing"

	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/internal/sys/systest"
	"github.com/bpfload/bpfload/rawbtf"
)

// Code of which nothing is a program is an error, never an empty success; so is a
// section whose name says no type.
func TestNoPrograms(t *testing.T) {
	for name, tc := range map[string]struct{ section, want, hint string }{
		"functions only": {".text", `section ".text"+0x0: there is code, but nothing in the object is a program`,
			"add --type .text=TYPE, such as --type .text=socket_filter"},
		"a name that says nothing": {"bind/3", `program "f": section "bind/3" says no program type that any loader knows`,
			"add --type bind/3=TYPE, such as --type bind/3=xdp"},
	} {
		t.Run(name, func(t *testing.T) {
			f := &elftest.Object{BigEndian: nativeBig}
			f.Func("f", f.Code(tc.section, elftest.Ret0, elftest.Exit), 0, 16)
			o, err := Open(f.Bytes(), &Options{Name: "x.o"})
			if err != nil {
				t.Fatal(err)
			}
			_, planErr := o.Plan(nil)
			k := systest.New()
			_, loadErr := o.Load(t.Context(), on(k, LoadOptions{}))
			r, err := o.Verify(t.Context(), on(k, LoadOptions{}))
			if err != nil || r.Accepted {
				t.Fatalf("verified: %+v, %v", r, err)
			}
			verifyErr := r.Err
			if verifyErr == nil {
				verifyErr = r.Programs[0].Err
			}
			for what, err := range map[string]error{"plan": planErr, "load": loadErr, "verify": verifyErr} {
				e := Classify(err)
				if err == nil || err.Error() != tc.want || e.Hint() != tc.hint || e.ExitCode() != 65 {
					t.Errorf("%s: %v (%q, exit %d)\nwant %s (%q)", what, err, e.Hint(), e.ExitCode(), tc.want, tc.hint)
				}
			}
		})
	}
}

// A struct_ops variable may do without any program, and functions beside it are idle.
func TestStructOpsWithoutPrograms(t *testing.T) {
	f, b := &elftest.Object{BigEndian: nativeBig}, &elftest.BTF{}
	f.Func("idle", f.Code(".text", elftest.Ret0, elftest.Exit), 0, 16)
	ops := b.Struct("some_ops", 4, elftest.Member{Name: "flags", Type: b.Int("int", 4, rawbtf.IntSigned)})
	b.Datasec(".struct_ops", 0, rawbtf.VarSecinfo{Type: b.Var("ops", ops, rawbtf.LinkageGlobal)})
	f.Object("ops", f.Data(".struct_ops", make([]byte, 4)), 0, 4)
	f.BTF(b)
	o, err := Open(f.Bytes(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(o.Maps) != 1 || len(o.Programs) != 0 {
		t.Fatalf("%d maps and %d programs", len(o.Maps), len(o.Programs))
	}
	if _, err := o.Plan(nil); err != nil {
		t.Error(err)
	}
}

// A struct_ops program that no variable uses is what libbpf asks about, too; the kernel
// answers ENOTSUPP.
func TestStructOpsProgramOfNoVariable(t *testing.T) {
	f := &elftest.Object{BigEndian: nativeBig}
	f.Func("lonely", f.Code("struct_ops", elftest.Ret0, elftest.Exit), 0, 16)
	o, err := Open(f.Bytes(), nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = o.Load(t.Context(), on(systest.New(), LoadOptions{}))
	const want = `program "lonely": finding what it implements: no struct_ops variable that is created uses it`
	if e := Classify(err); err == nil || err.Error() != want || e.ExitCode() != 65 || e.Code != "attach-target" {
		t.Errorf("%v (%s, exit %d), want %s", err, e.Code, e.ExitCode(), want)
	}
}
