// SPDX-License-Identifier: MIT

package legacy_test

import (
	"errors"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/google/go-cmp/cmp"

	"github.com/bpfload/bpfload/legacy"
	"github.com/bpfload/bpfload/secdef"
	"github.com/bpfload/bpfload/spec"
)

func legacyMap(dialect, name string, typ ebpf.MapType, id uint32) *spec.Map {
	return &spec.Map{Name: name, Type: typ, MaxEntries: 16, Legacy: &spec.Legacy{Dialect: dialect, ID: id}}
}

func TestConventions(t *testing.T) {
	first := func(maps ...*spec.Map) []secdef.Convention { return legacy.Conventions(maps)[:2] }
	if got := legacy.Conventions([]*spec.Map{{Name: "btf"}}); got != nil {
		t.Errorf("object without legacy maps: %v", got)
	}
	tests := map[string]struct {
		got, want []secdef.Convention
	}{
		"samples":  {first(legacyMap("samples", "a", ebpf.Hash, 0)), []secdef.Convention{secdef.KernelSamples, secdef.Libbpf0}},
		"iproute2": {first(legacyMap("iproute2", "a", ebpf.Hash, 0)), []secdef.Convention{secdef.IPRoute2, secdef.Libbpf0}},
		"ovs":      {first(legacyMap("iproute2", "tailcalls", ebpf.ProgramArray, 0)), []secdef.Convention{secdef.OVS, secdef.IPRoute2}},
		"keytable": {first(legacyMap("keytable", "a", ebpf.Hash, 0)), []secdef.Convention{secdef.Keytable, secdef.Libbpf0}},
		"mixed":    {first(legacyMap("gobpf", "a", ebpf.Hash, 0), legacyMap("aws", "b", ebpf.Hash, 0)), []secdef.Convention{secdef.GoBPF, secdef.Libbpf0}},
		"unknown":  {legacy.Conventions([]*spec.Map{legacyMap("tomorrow", "a", ebpf.Hash, 0)}), nil},
	}
	for name, test := range tests {
		if diff := cmp.Diff(test.want, test.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if got := len(legacy.Conventions([]*spec.Map{legacyMap("min", "a", ebpf.Hash, 0)})); got != len(secdef.Conventions()) {
		t.Errorf("%d conventions, want all %d, each once", got, len(secdef.Conventions()))
	}
}

func TestTailCall(t *testing.T) {
	iproute2 := []*spec.Map{legacyMap("iproute2", "other", ebpf.Hash, 8), legacyMap("iproute2", "calls", ebpf.ProgramArray, 8),
		legacyMap("iproute2", "again", ebpf.ProgramArray, 8)}
	iproute2[1].MaxEntries = 0x2000
	ovs := []*spec.Map{legacyMap("iproute2", "tailcalls", ebpf.ProgramArray, 1)}
	samples := []*spec.Map{legacyMap("samples", "first", ebpf.ProgramArray, 0), legacyMap("samples", "jmp_table", ebpf.ProgramArray, 0)}
	plain := []*spec.Map{legacyMap("libbpf", "jmp_table", ebpf.ProgramArray, 0)}
	tests := map[string]struct {
		section string
		maps    []*spec.Map
		want    *spec.TailCall
		err     string
	}{
		"hexadecimal":            {section: "8/0x1010", maps: iproute2, want: &spec.TailCall{MapID: 8, Map: "calls", Index: 0x1010}},
		"octal":                  {section: "010/8", maps: iproute2, want: &spec.TailCall{MapID: 8, Map: "calls", Index: 8}},
		"decimal":                {section: "8/10", maps: iproute2, want: &spec.TailCall{MapID: 8, Map: "calls", Index: 10}},
		"no such id":             {section: "9/1", maps: iproute2, err: `section "9/1": no slot for the tail call: no prog array has id 9`},
		"beyond the array":       {section: "8/8192", maps: iproute2, err: `section "8/8192": no slot for the tail call: slot 8192 of prog array "calls", which has 8192`},
		"socket/N of iproute2":   {section: "socket/1", maps: iproute2},
		"ID/KEY of the samples":  {section: "1/2", maps: samples},
		"socket/N":               {section: "socket/2", maps: samples, want: &spec.TailCall{Map: "jmp_table", Index: 2}},
		"kprobe/N":               {section: "kprobe/4", maps: plain, want: &spec.TailCall{Map: "jmp_table", Index: 4}},
		"kprobe of a function":   {section: "kprobe/sys_write", maps: samples},
		"no prog array":          {section: "socket/2", maps: []*spec.Map{legacyMap("min", "a", ebpf.Hash, 0)}, err: `section "socket/2": no slot for the tail call: the object has no prog array`},
		"Falco":                  {section: "raw_tracepoint/filler/sys_open_x", maps: samples, err: `section "raw_tracepoint/filler/sys_open_x": no slot for the tail call: the number of "sys_open_x" is in a table of Falco's loader; give the slot by hand`},
		"Falco of before":        {section: "tracepoint/filler/terminate", maps: samples, err: `section "tracepoint/filler/terminate": no slot for the tail call: the number of "terminate" is in a table of Falco's loader; give the slot by hand`},
		"Open vSwitch":           {section: "tail-12", maps: ovs, want: &spec.TailCall{Map: "tailcalls", Index: 12}},
		"Open vSwitch, no array": {section: "tail-12", maps: iproute2},
		"BTF maps":               {section: "socket/1", maps: []*spec.Map{{Name: "btf", Type: ebpf.ProgramArray}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := legacy.TailCall(test.section, test.maps)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("slot (-want +got):\n%s", diff)
			}
			if test.err == "" != (err == nil) || err != nil && (err.Error() != test.err || !errors.Is(err, legacy.ErrNoSlot)) {
				t.Errorf("\n got %v\nwant %s", err, test.err)
			}
		})
	}
}
