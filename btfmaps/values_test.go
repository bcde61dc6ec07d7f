// SPDX-License-Identifier: MIT

package btfmaps_test

import (
	"testing"

	"github.com/bpfload/bpfload/btfmaps"
	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/rawbtf"
	"github.com/bpfload/bpfload/spec"
)

// holder returns the definition at 64 of a map of the given type with "values" 16
// bytes after its start, or without.
func holder(t *testing.T, typ, keySize, maxEntries uint32, values bool) *btfmaps.Definition {
	t.Helper()
	o := newObject(false, 3)
	elem := o.btf.FuncProto(0)
	if typ != 3 {
		elem = o.structOf(field("type", o.btf.Uint(2)))
	}
	fields := []elftest.Member{field("type", o.btf.Uint(typ)), field("max_entries", o.btf.Uint(maxEntries))}
	if keySize != 0 {
		fields[0] = field("key_size", o.btf.Uint(keySize))
		fields = append(fields, field("type", o.btf.Uint(typ)))
	}
	if values {
		fields = append(fields, field("values", o.btf.Array(o.btf.Ptr(elem), 0)))
	}
	o.define(1, "outer", o.structOf(fields...))
	o.describe("next", o.structOf(field("type", o.btf.Uint(1))), rawbtf.LinkageGlobal)
	o.Object.Object("next", o.maps, 128, 64)
	defs, _, err := o.decode(t, btfmaps.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return &defs[0]
}

func TestSlot(t *testing.T) {
	tests := map[string]struct {
		values bool
		offset uint64
		want   uint32
		err    string
	}{
		"first":                 {values: true, offset: 80, want: 0},
		"last":                  {values: true, offset: 120, want: 5},
		"member before":         {values: true, offset: 72, err: `section ".maps"+0x48 (map "outer"): relocation of something that is not a slot of "values"`},
		"within a slot":         {values: true, offset: 84, err: `section ".maps"+0x54 (map "outer"): relocation of something that is not a slot of "values"`},
		"across the end":        {values: true, offset: 124, err: `section ".maps"+0x7c (map "outer"): relocation of something that is not a slot of "values"`},
		"before the definition": {values: true, offset: 63, err: `section ".maps"+0x3f (map "outer"): relocation outside the definition`},
		"after the definition":  {values: true, offset: 128, err: `section ".maps"+0x80 (map "outer"): relocation outside the definition`},
		"no values":             {offset: 80, err: `section ".maps"+0x50 (map "outer"): the definition has no "values" that could be initialised`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := holder(t, 3, 0, 6, tt.values).Slot(tt.offset)
			if tt.err == "" && (err != nil || got != tt.want) {
				t.Errorf("got slot %d, %v, want %d", got, err, tt.want)
			}
			if tt.err != "" && (err == nil || err.Error() != tt.err) {
				t.Errorf("got  %v\nwant %s", err, tt.err)
			}
		})
	}
}

func TestSetSlots(t *testing.T) {
	at := func(indexes ...uint32) (slots []spec.Slot) {
		for _, i := range indexes {
			slots = append(slots, spec.Slot{Index: i, Program: "p"})
		}
		return slots
	}
	tests := map[string]struct {
		typ, key, max uint32
		slots         []spec.Slot
		entries       uint32
		err           string
	}{
		"none":                        {typ: 3, max: 0, slots: nil, entries: 0},
		"as many as there are":        {typ: 3, max: 2, slots: at(0, 1), entries: 2},
		"number from the initialiser": {typ: 3, max: 0, slots: at(1), entries: 6},
		"hash without a number":       {typ: 13, key: 4, max: 0, slots: at(0, 1), entries: 5},
		"beyond":                      {typ: 3, max: 2, slots: at(0, 2), err: `section ".maps"+0x60 (map "outer"): field "values": slot 2 is initialised, but max_entries is 2`},
		"array of maps beyond":        {typ: 12, max: 1, slots: at(1), err: `section ".maps"+0x58 (map "outer"): field "values": slot 1 is initialised, but max_entries is 1`},
		"hash by number of slots":     {typ: 13, key: 4, max: 2, slots: at(0, 4), entries: 2},
		"hash with too many":          {typ: 13, key: 4, max: 1, slots: at(0, 4), err: `section ".maps"+0x78 (map "outer"): field "values": 2 slots are initialised, but max_entries is 1`},
		"hash with long keys":         {typ: 13, key: 8, max: 8, slots: at(0), err: `section ".maps"+0x58 (map "outer"): field "values": slots are numbered with 4 bytes, but the key takes 8`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			def := holder(t, tt.typ, tt.key, tt.max, true)
			err := def.SetSlots(tt.slots)
			if tt.err != "" {
				if err == nil || err.Error() != tt.err {
					t.Errorf("got  %v\nwant %s", err, tt.err)
				}
				if def.Map.Values != nil {
					t.Error("slots were set all the same")
				}
				return
			}
			if err != nil || def.Map.MaxEntries != tt.entries || len(def.Map.Values) != len(tt.slots) {
				t.Errorf("%d entries, %d slots, %v; want %d", def.Map.MaxEntries, len(def.Map.Values), err, tt.entries)
			}
		})
	}
}

// Without the size of a symbol nobody knows where the initialiser ends, so that the
// last slot that has a target counts.
func TestSlotCountWithoutSymbolSize(t *testing.T) {
	o := newObject(false, 1)
	o.describe("jumps", o.structOf(field("type", o.btf.Uint(3)), field("values", o.btf.Array(o.btf.Ptr(o.btf.FuncProto(0)), 0))), rawbtf.LinkageGlobal)
	o.Symbol(elftest.Symbol{Name: "jumps", Binding: 1, Section: o.maps})
	defs, _, err := o.decode(t, btfmaps.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := defs[0].SetSlots([]spec.Slot{{Index: 2, Program: "p"}}); err != nil || defs[0].Map.MaxEntries != 3 {
		t.Errorf("%d entries, %v", defs[0].Map.MaxEntries, err)
	}
}
