// SPDX-License-Identifier: MIT

package rawbtf_test

import (
	"bytes"
	"testing"

	"github.com/cilium/ebpf/btf"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/internal/law"
	"github.com/bpfload/bpfload/rawbtf"
)

// check demands of any input: no panic, whatever is asked of what was accepted, a
// typed error, and the same answer again.
func check(t testing.TB, data []byte) *rawbtf.Spec {
	t.Helper()
	s, err := rawbtf.Parse(data, nil)
	_, err2 := rawbtf.Parse(data, nil)
	law.Same(t, err, err2)
	if err != nil {
		law.Located(t, err)
		if e := err.(*elf.Error); s != nil || e.Section != ".BTF" || e.Offset > uint64(len(data)) {
			t.Fatalf("%v, error %#v", s, err)
		}
		return nil
	}
	for typ := range s.All {
		if got := s.Type(typ.ID); got.ID != typ.ID || got.Kind != typ.Kind || got.Kind == rawbtf.KindVoid {
			t.Fatalf("type %d is %s, then %s", typ.ID, typ.Kind, got.Kind)
		}
		describe(s, typ)
		s.Underlying(typ.ID)
		s.SkipModifiers(typ.ID)
		if typ.Kind == rawbtf.KindDeclTag {
			typ.ComponentIndex()
		}
	}
	return s
}

func checkExt(t testing.TB, data []byte, s *rawbtf.Spec) {
	t.Helper()
	x, err := rawbtf.ParseExt(data, s)
	_, err2 := rawbtf.ParseExt(data, s)
	law.Same(t, err, err2)
	if err != nil {
		law.Located(t, err)
		if e := err.(*elf.Error); x != nil || e.Section != ".BTF.ext" || e.Offset > uint64(len(data)) {
			t.Fatalf("%v, error %#v", x, err)
		}
		return
	}
	for _, secs := range [][]rawbtf.ExtSection{x.Funcs, x.Lines, x.Relos} {
		for _, sec := range secs {
			for i := range sec.Len {
				if len(sec.Record(i)) != sec.RecordSize || i > 0 && sec.Offset(i) < sec.Offset(i-1) {
					t.Fatalf("record %d of %d bytes at %d", i, len(sec.Record(i)), sec.Offset(i))
				}
			}
			if first, last := sec.Range(0, 1<<33); first != 0 || last != sec.Len {
				t.Fatalf("records %d to %d of %d", first, last, sec.Len)
			}
		}
	}
}

// FuzzParse reads anything as .BTF, and agrees with cilium/ebpf on what both accept.
func FuzzParse(f *testing.F) {
	_, blobs, _ := sections(f)
	for _, b := range blobs {
		if len(b) > 0 && len(b) < 4<<10 {
			f.Add(b)
		}
	}
	f.Add(manyTypes(true))
	f.Fuzz(func(t *testing.T, data []byte) {
		law.Memory(t, len(data), 16, func() { rawbtf.Parse(data, nil) })
		s := check(t, data)
		if s == nil {
			return
		}
		if theirs, err := btf.LoadSpecFromReader(bytes.NewReader(data)); err == nil && readable(s, theirs) {
			agree(t, s, theirs, false)
		}
		// What is sound is sound when it is trusted, too.
		sparse, err := rawbtf.ParseTrusted(data, nil)
		if err != nil || sparse.NumTypes() != s.NumTypes() {
			t.Fatal(err)
		}
		for typ := range s.All {
			if describe(s, typ) != describe(sparse, sparse.Type(typ.ID)) {
				t.Fatalf("type %d depends on how it is found", typ.ID)
			}
		}
	})
}

// readable says whether cilium/ebpf, which reads types when asked for them, accepts
// them all.
func readable(ours *rawbtf.Spec, theirs *btf.Spec) bool {
	for typ := range ours.All {
		if _, err := theirs.TypeByID(btf.TypeID(typ.ID)); err != nil {
			return false
		}
	}
	return true
}

// FuzzParseExt reads anything as .BTF.ext of any types.
func FuzzParseExt(f *testing.F) {
	_, blobs, exts := sections(f)
	for i, e := range exts {
		if len(e) > 0 && len(e) < 4<<10 && len(blobs[i]) < 4<<10 {
			f.Add(blobs[i], e)
		}
	}
	f.Fuzz(func(t *testing.T, types, data []byte) {
		if s, err := rawbtf.Parse(types, nil); err == nil {
			law.Memory(t, len(data), 16, func() { rawbtf.ParseExt(data, s) })
			checkExt(t, data, s)
		}
	})
}
