// SPDX-License-Identifier: MIT

package loader

import (
	"fmt"
	"strings"

	"github.com/cilium/ebpf"

	"github.com/bpfload/bpfload/internal/sys"
	"github.com/bpfload/bpfload/spec"
)

// A Difference is a field in which an existing map and the object's definition
// disagree.
type Difference struct {
	Field    string // such as "value_size"
	Old, New string // of the existing map, of the object
}

// An IncompatibleError says why an existing map cannot be used.
type IncompatibleError struct {
	What        string
	Differences []Difference
}

func (e *IncompatibleError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s is incompatible:", e.What)
	for i, d := range e.Differences {
		if i > 0 {
			b.WriteString(",")
		}
		fmt.Fprintf(&b, " %s is %s, want %s", d.Field, d.Old, d.New)
	}
	return b.String()
}

// compare lists the fields in which a map differs from what would be created.
func compare(want *sys.MapCreate, have *sys.MapInfo) []Difference {
	var diffs []Difference
	add := func(field string, old, new uint64) {
		if old != new {
			diffs = append(diffs, Difference{field, fmt.Sprint(old), fmt.Sprint(new)})
		}
	}
	if have.Type != want.MapType {
		diffs = append(diffs, Difference{"type", spec.MapTypeName(ebpf.MapType(have.Type)), spec.MapTypeName(ebpf.MapType(want.MapType))})
	}
	add("key_size", uint64(have.KeySize), uint64(want.KeySize))
	add("value_size", uint64(have.ValueSize), uint64(want.ValueSize))
	add("max_entries", uint64(have.MaxEntries), uint64(want.MaxEntries))
	haveFlags, wantFlags := have.MapFlags, want.MapFlags&^flagTokenFD
	switch ebpf.MapType(want.MapType) {
	case ebpf.DevMap, ebpf.DevMapHash, spec.InsnArray:
		// The kernel adds this flag by itself.
		haveFlags &^= flagReadOnlyProgram
		wantFlags &^= flagReadOnlyProgram
	}
	if haveFlags != wantFlags {
		diffs = append(diffs, Difference{"map_flags", fmt.Sprintf("%#x", haveFlags), fmt.Sprintf("%#x", wantFlags)})
	}
	add("map_extra", have.MapExtra, want.MapExtra)
	return diffs
}
