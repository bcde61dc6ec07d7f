// SPDX-License-Identifier: MIT

package legacy_test

import (
	"testing"

	"github.com/cilium/ebpf"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/legacy"
	"github.com/bpfload/bpfload/spec"
)

// A rec is a record and its symbol.
type rec struct {
	name  string
	words []uint32
	tail  []byte // after the words
}

// addMaps adds a maps section of the given name with records one after the other,
// and returns its index.
func addMaps(o *elftest.Object, section string, recs ...rec) int {
	var data []byte
	sizes := make([]uint64, len(recs))
	for i, r := range recs {
		b := append(o.Words(r.words...), r.tail...)
		data = append(data, b...)
		sizes[i] = uint64(len(b))
	}
	s := o.Data(section, data)
	off := uint64(0)
	for i, r := range recs {
		o.Object(r.name, s, off, sizes[i])
		off += sizes[i]
	}
	return s
}

// decode parses a built object and its BTF and decodes it.
func decode(t testing.TB, o *elftest.Object, opts legacy.Options) ([]*spec.Map, []spec.Warning, error) {
	t.Helper()
	f, types := elftest.MustParse(t, o.Bytes())
	return legacy.Decode(f, types, opts)
}

// bothOrders runs a test on a little-endian and a big-endian object.
func bothOrders(t *testing.T, run func(t *testing.T, o *elftest.Object)) {
	t.Helper()
	t.Run("el", func(t *testing.T) { run(t, &elftest.Object{}) })
	t.Run("eb", func(t *testing.T) { run(t, &elftest.Object{BigEndian: true}) })
}

// ignorePlace compares maps without where they stand and why their dialect was
// chosen.
var ignorePlace = cmp.Options{
	cmpopts.IgnoreFields(spec.Map{}, "Place"),
	cmpopts.IgnoreFields(spec.Legacy{}, "Evidence"),
}

// A want is what a test expects of a map beyond what all have in common.
func want(name string, typ ebpf.MapType, key, value, entries uint32, l spec.Legacy, more func(*spec.Map)) *spec.Map {
	m := &spec.Map{Name: name, Type: typ, KeySize: key, ValueSize: value, MaxEntries: entries,
		Origin: spec.OriginLegacy, Legacy: &l}
	if more != nil {
		more(m)
	}
	return m
}

func flags(f uint32) func(*spec.Map) { return func(m *spec.Map) { m.Flags = f } }

func pinned(p spec.Pinning) func(*spec.Map) { return func(m *spec.Map) { m.Pinning = p } }

func checkCodes(t *testing.T, want []string, got []spec.Warning) {
	t.Helper()
	var codes []string
	for _, w := range got {
		codes = append(codes, w.Code)
	}
	if diff := cmp.Diff(want, codes, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("warnings (-want +got):\n%s\n%v", diff, got)
	}
}
