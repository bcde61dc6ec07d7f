// SPDX-License-Identifier: MIT

package loader

import (
	"errors"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/internal/sys"
	"github.com/bpfload/bpfload/internal/sys/systest"
	"github.com/bpfload/bpfload/rawbtf"
)

// withoutPrograms is an object of two maps, as old loaders had them.
func withoutPrograms(t *testing.T, bigEndian bool) *Object {
	t.Helper()
	f := &elftest.Object{BigEndian: bigEndian}
	maps := f.Data("maps", f.Words(1, 4, 8, 16, 0, 2, 4, 8, 16, 0))
	f.Object("first", maps, 0, 20)
	f.Object("second", maps, 20, 20)
	o, err := Open(f.Bytes(), &Options{Name: "maps.o"})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// An object without programs is accepted when its maps can be created, and only then.
func TestVerifyWithoutPrograms(t *testing.T) {
	k := systest.New()
	r, err := withoutPrograms(t, nativeBig).Verify(t.Context(), on(k, LoadOptions{}))
	if err != nil || !r.Accepted || r.Err != nil || r.Maps != 2 {
		t.Errorf("%+v, %v", r, err)
	}
	k.RejectMap = func(a *sys.MapCreate) unix.Errno {
		if a.MapType == 2 {
			return unix.EINVAL
		}
		return 0
	}
	r, err = withoutPrograms(t, nativeBig).Verify(t.Context(), on(k, LoadOptions{}))
	var e *Error
	if err != nil || r.Accepted || !errors.As(r.Err, &e) || e.Map != "second" || r.Maps != 1 {
		t.Errorf("a map was refused: %+v, %v", r, err)
	}
	if open := k.Open(); len(open) > 0 {
		t.Errorf("still open: %q", open)
	}
}

// An object of the other byte order is refused by Verify as by Load, before the
// kernel is asked for anything.
func TestVerifyByteOrder(t *testing.T) {
	k := systest.New()
	o := withoutPrograms(t, !nativeBig)
	_, loadErr := o.Load(t.Context(), on(k, LoadOptions{}))
	r, err := o.Verify(t.Context(), on(k, LoadOptions{}))
	if err != nil || r.Accepted || r.Err == nil || r.Maps != 0 || len(r.Warnings) != 0 {
		t.Fatalf("%+v, %v", r, err)
	}
	var e *Error
	if loadErr == nil || r.Err.Error() != loadErr.Error() || !errors.As(r.Err, &e) || e.ExitCode() != 65 || e.Hint() == "" {
		t.Errorf("%v\nLoad says %v", r.Err, loadErr)
	}
}

// A struct_ops variable that no program is for cannot blame one: the verdict is on
// the object.
func TestVerifyStructOpsWithoutPrograms(t *testing.T) {
	f, b := &elftest.Object{BigEndian: nativeBig}, &elftest.BTF{}
	i := b.Int("int", 4, rawbtf.IntSigned)
	typ := b.Struct("nobody_ops", 4, elftest.Member{Name: "x", Type: i})
	b.Datasec(".struct_ops", 0, rawbtf.VarSecinfo{Type: b.Var("ops", typ, rawbtf.LinkageGlobal), Size: 4})
	f.Object("ops", f.Data(".struct_ops", make([]byte, 4)), 0, 4)
	f.BTF(b)
	o, err := Open(f.Bytes(), &Options{Name: "ops.o"})
	if err != nil {
		t.Fatal(err)
	}
	k := systest.New()
	opts := on(k, LoadOptions{})
	opts.ids = recorded("6.18.0", &elftest.BTF{})
	opts.facts = opts.ids
	r, err := o.Verify(t.Context(), opts)
	if err != nil || r.Accepted || r.Err == nil || !strings.Contains(r.Err.Error(), `no struct_ops named "nobody_ops"`) {
		t.Errorf("%+v, %v", r, err)
	}
}
