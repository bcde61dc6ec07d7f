// SPDX-License-Identifier: MIT

package rawbtf_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/rawbtf"
)

// manyTypes is BTF with types of every length, more than one entry of a sparse
// table's worth.
func manyTypes(big bool) []byte {
	b := &elftest.BTF{}
	i := b.Int("int", 4, rawbtf.IntSigned)
	for n := range 40 {
		b.Struct(fmt.Sprintf("task%d", n), 4, elftest.Member{Name: "a", Type: i})
		b.Ptr(i)
		b.Array(i, 3)
		b.Enum(fmt.Sprintf("state%d___v%d", n, n), 4, false, elftest.Enumerator{Name: "X", Value: 1}, elftest.Enumerator{Name: "Y", Value: 2})
		b.Typedef("ab", i)
		b.Func("ab", b.FuncProto(0, elftest.Param{Name: "p", Type: i}), rawbtf.LinkageGlobal)
	}
	b.Struct("ab___old", 4)
	b.Struct("a", 4)
	b.Struct("", 4)
	b.Struct("abc", 4)
	b.Struct("abcd___x", 4)
	b.Struct("abcde", 4)
	return b.Bytes(big)
}

func parse(t *testing.T, data []byte) (dense, sparse *rawbtf.Spec) {
	t.Helper()
	dense, err := rawbtf.Parse(data, nil)
	if err != nil {
		t.Fatal(err)
	}
	sparse, err = rawbtf.ParseTrusted(data, nil)
	if err != nil {
		t.Fatal(err)
	}
	return dense, sparse
}

func TestSparseTypes(t *testing.T) {
	for _, big := range []bool{false, true} {
		dense, sparse := parse(t, manyTypes(big))
		if dense.NumTypes() != sparse.NumTypes() {
			t.Fatalf("%d types, want %d", sparse.NumTypes(), dense.NumTypes())
		}
		for id := range dense.NumTypes() + 2 {
			d, s := dense.Type(id), sparse.Type(id)
			if d.ID != s.ID || d.Kind != s.Kind || d.Vlen != s.Vlen || d.NameOff != s.NameOff || d.SizeOrType != s.SizeOrType {
				t.Errorf("big endian %t: type %d is %v, want %v", big, id, s, d)
			}
		}
	}
}

func TestSearch(t *testing.T) {
	names := []string{"ab", "a", "task7", "state9", "abcd", "abcdefghi", "abc"}
	for _, big := range []bool{false, true} {
		dense, sparse := parse(t, manyTypes(big))
		for _, kinds := range []rawbtf.KindSet{rawbtf.Kinds(rawbtf.KindStruct, rawbtf.KindEnum), rawbtf.Kinds(rawbtf.KindFunc), ^rawbtf.KindSet(0)} {
			var set rawbtf.NameSet
			for _, n := range names {
				set.Add(n)
			}
			var want, got []string
			for typ := range dense.All {
				if n, ok := set.Number(typ.Name()); ok && kinds.Has(typ.Kind) {
					want = append(want, fmt.Sprint(n, typ.ID, typ.Name()))
				}
			}
			sparse.Search(&set, kinds, func(n int, typ rawbtf.Type) {
				got = append(got, fmt.Sprint(n, typ.ID, typ.Name()))
			})
			if len(want) == 0 {
				t.Fatal("nothing to find")
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("big endian %t: %s", big, diff)
			}
		}
	}
}

func TestSearchSplit(t *testing.T) {
	base := &elftest.BTF{}
	base.Int("int", 4, 0)
	base.Struct("shared_name", 4)
	baseBytes := base.Bytes(false)
	baseSpec, _ := parse(t, baseBytes)
	// A module's names may lie in the kernel's strings.
	split := &elftest.BTF{FirstID: baseSpec.NumTypes()}
	split.Union("own_name", 8)
	union := split.Raw("", uint32(rawbtf.KindUnion)<<24, 8)
	data := split.Bytes(false)
	strLen := uint32(len("\x00int\x00shared_name\x00"))
	// The builder counts strings from 0: move the first name above the base's,
	// and let the second be the base's.
	order := [4]byte{}
	put := func(at int, v uint32) {
		order = [4]byte{byte(v), byte(v >> 8), byte(v >> 16), byte(v >> 24)}
		copy(data[at:], order[:])
	}
	put(24, strLen+1)
	put(36, 5)
	spec, err := rawbtf.ParseTrusted(data, baseSpec)
	if err != nil {
		t.Fatal(err)
	}
	var set rawbtf.NameSet
	set.Add("shared_name")
	set.Add("own_name")
	var got []rawbtf.ID
	spec.Search(&set, rawbtf.Kinds(rawbtf.KindUnion, rawbtf.KindStruct), func(n int, typ rawbtf.Type) {
		if want := []string{"shared_name", "own_name"}[n]; typ.Name() != want {
			t.Errorf("type %d is %q, want %q", typ.ID, typ.Name(), want)
		}
		got = append(got, typ.ID)
	})
	if diff := cmp.Diff([]rawbtf.ID{union - 1, union}, got); diff != "" {
		t.Error(diff)
	}
}

func TestSearchNothing(t *testing.T) {
	_, spec := parse(t, manyTypes(false))
	var set rawbtf.NameSet
	spec.Search(&set, ^rawbtf.KindSet(0), func(int, rawbtf.Type) { t.Error("found something") })
	set.Add("absent")
	spec.Search(&set, ^rawbtf.KindSet(0), func(int, rawbtf.Type) { t.Error("found something") })
}

func TestEssentialName(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "a": "a", "a___": "a___", "___a": "___a", "a___b": "a", "a____b": "a____b", "a___b___c": "a___b",
		"a_b__c": "a_b__c", "task_struct___x": "task_struct", "a___b_": "a", "____": "____",
	} {
		if got := rawbtf.EssentialName(in); got != want {
			t.Errorf("EssentialName(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestHasName(t *testing.T) {
	spec, _ := parse(t, manyTypes(false))
	typ, ok := spec.Find(rawbtf.KindStruct, "abcde")
	if !ok {
		t.Fatal("struct abcde not found")
	}
	for name, want := range map[string]bool{"abcde": true, "abcd": false, "abcdef": false, "": false, "abcdx": false, "abcde\x00": false} {
		if got := spec.HasName(typ.NameOff, name); got != want {
			t.Errorf("HasName(%q) = %t", name, got)
		}
	}
}
