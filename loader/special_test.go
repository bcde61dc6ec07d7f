// SPDX-License-Identifier: MIT

package loader

import (
	"errors"
	"strings"
	"testing"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/internal/sys"
	"github.com/bpfload/bpfload/internal/sys/systest"
	"github.com/bpfload/bpfload/rawbtf"
	"github.com/bpfload/bpfload/spec"
)

func TestSpecialMember(t *testing.T) {
	b := &elftest.BTF{}
	i := b.Int("int", 4, rawbtf.IntSigned)
	lock := b.Struct("bpf_spin_lock", 4, elftest.Member{Name: "val", Type: i})
	member := func(typ rawbtf.ID) rawbtf.ID { return b.Struct("", 8, elftest.Member{Name: "m", Type: typ}) }
	deep := member(member(member(member(lock))))
	wide := make([]elftest.Member, 300)
	for j := range wide {
		wide[j] = elftest.Member{Name: "m", Type: i}
	}
	within := b.Struct("wide", 1200, wide...)
	for j := range wide {
		wide[j].Type = within
	}
	wide[299].Type = lock
	ids := map[string]struct {
		id   rawbtf.ID
		want string
	}{
		"none":       {i, ""},
		"no type":    {0, ""},
		"itself":     {lock, "a struct bpf_spin_lock"},
		"member":     {member(b.Typedef("lock_t", lock)), "a struct bpf_spin_lock"},
		"array":      {member(b.Array(lock, 2)), "a struct bpf_spin_lock"},
		"four deep":  {deep, "a struct bpf_spin_lock"},
		"five deep":  {member(deep), ""},
		"of a name":  {member(b.Struct("bpf_other", 4)), ""},
		"pointer":    {member(b.Ptr(lock)), ""},
		"kptr":       {member(b.Ptr(b.TypeTag("kptr", lock))), "a pointer with the tag kptr"},
		"other tag":  {member(b.Ptr(b.TypeTag("user", lock))), ""},
		"too many":   {b.Struct("wider", 360000, wide...), ""},
		"a map type": {member(b.Struct("bpf_timer", 16)), "a struct bpf_timer"},
	}
	types, err := rawbtf.Parse(b.Bytes(nativeBig), nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range ids {
		if got := (&Object{types: types}).specialMember(&spec.Map{ValueType: tc.id}); got != tc.want {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
	if got := (&Object{}).specialMember(&spec.Map{ValueType: 1}); got != "" {
		t.Errorf("without BTF: %q", got)
	}
}

// A map whose value the kernel has to know is not created without its types, which
// would only move the error to the program; and the error says what is in the value.
func TestSpecialNotConceded(t *testing.T) {
	skipBigEndian(t)
	k := systest.New()
	k.RejectMap = func(a *sys.MapCreate) unix.Errno {
		if a.BTFValueTypeID != 0 {
			return unix.EINVAL
		}
		return 0
	}
	_, err := sample(t, "refused/percpu_lock.o").Load(t.Context(), on(k, LoadOptions{}))
	want := `map "m": creating the map: the kernel does not take a map of type percpu_hash with a struct bpf_spin_lock in its value: invalid argument`
	if !errors.Is(err, unix.EINVAL) || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("%v\nwant %s", err, want)
	}
}

// The kernel's own answer to that object.
func TestKernelSpecialMember(t *testing.T) {
	needRoot(t)
	skipBigEndian(t)
	o := sample(t, "refused/percpu_lock.o")
	_, err := o.Load(t.Context(), nil)
	if err == nil || !strings.Contains(err.Error(), "percpu_hash with a struct bpf_spin_lock in its value") {
		t.Errorf("%v", err)
	}
	o.Map("m").Type = ebpf.Hash
	if l, err := o.Load(t.Context(), nil); err == nil {
		l.Close()
	} else if e := Classify(err); e.Map != "" {
		t.Errorf("as a hash: %v", err) // that the program is refused is another matter
	}
}
