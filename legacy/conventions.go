// SPDX-License-Identifier: MIT

package legacy

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/cilium/ebpf"

	"github.com/bpfload/bpfload/secdef"
	"github.com/bpfload/bpfload/spec"
)

// ErrNoSlot says that a section name asks for a tail call slot that the object
// does not have, or whose number it does not know.
var ErrNoSlot = errors.New("no slot for the tail call")

// ovsTailCalls is the prog array of Open vSwitch's eBPF datapath.
const ovsTailCalls = "tailcalls"

// Conventions returns the meanings of section names to try for an object with
// these maps where libbpf's own table has none: those of its dialects, then all
// others. It is nil for an object without legacy maps.
func Conventions(maps []*spec.Map) []secdef.Convention {
	var list []secdef.Convention
	add := func(more ...secdef.Convention) {
		for _, c := range more {
			if !slices.Contains(list, c) {
				list = append(list, c)
			}
		}
	}
	if ovs(maps) {
		add(secdef.OVS)
	}
	for _, m := range maps {
		switch {
		case m.Legacy == nil:
		case m.Legacy.Dialect == netbpfload:
			add(secdef.Android)
		default:
			if d := dialectNamed(m.Legacy.Dialect); d != nil {
				add(d.conventions...)
			}
		}
	}
	if list != nil {
		add(secdef.Conventions()...)
	}
	return list
}

// ovs says whether the maps are those of Open vSwitch's datapath.
func ovs(maps []*spec.Map) bool {
	return slices.ContainsFunc(maps, func(m *spec.Map) bool {
		return uses(m, iproute2.name) && m.Type == ebpf.ProgramArray && m.Name == ovsTailCalls
	})
}

func uses(m *spec.Map, dialects ...string) bool {
	return m.Legacy != nil && slices.Contains(dialects, m.Legacy.Dialect)
}

// TailCall returns the slot of a prog array into which the section name puts its
// program, nil for a name that says nothing of the kind in the dialect of these
// maps:
//
//   - iproute2: ID/KEY, in the prog array with that id, and tail-N in an object
//     with Open vSwitch's prog array "tailcalls";
//   - samples and the plain records (min, libbpf, calico): socket/N, sockops/N,
//     sk_skb/N, sk_msg/N, kprobe/N, kretprobe/N in the last prog array.
//
// The error is [ErrNoSlot] where the name asks for a slot that there is not; the
// loaders of the time then left the program out or failed.
func TailCall(section string, maps []*spec.Map) (*spec.TailCall, error) {
	var last, byID, tailcalls *spec.Map
	isIPRoute2, isSamples := false, false
	id, isID := secdef.ParseTailCall(section, secdef.IPRoute2)
	for _, m := range maps {
		isIPRoute2 = isIPRoute2 || uses(m, iproute2.name)
		isSamples = isSamples || uses(m, samples.name, minimal.name, libbpf.name, calico.name)
		if m.Legacy == nil || m.Type != ebpf.ProgramArray {
			continue
		}
		last = m
		if byID == nil && isID && uses(m, iproute2.name) && m.Legacy.ID == id.MapID {
			byID = m
		}
		if m.Name == ovsTailCalls {
			tailcalls = m
		}
	}
	switch {
	case isIPRoute2 && isID:
		return slot(section, id, byID, fmt.Sprintf("no prog array has id %d", id.MapID))
	case isIPRoute2:
		if call, ok := secdef.ParseTailCall(section, secdef.OVS); ok && tailcalls != nil {
			return slot(section, call, tailcalls, "")
		}
	case isSamples:
		if name, ok := filler(section); ok {
			return nil, fmt.Errorf("section %q: %w: the number of %q is in a table of Falco's loader; give the slot by hand", section, ErrNoSlot, name)
		}
		if call, ok := secdef.ParseTailCall(section, secdef.KernelSamples); ok {
			return slot(section, call, last, "the object has no prog array")
		}
	}
	return nil, nil
}

// slot completes a tail call with its map.
func slot(section string, call spec.TailCall, m *spec.Map, missing string) (*spec.TailCall, error) {
	if m == nil {
		return nil, fmt.Errorf("section %q: %w: %s", section, ErrNoSlot, missing)
	}
	if m.MaxEntries != 0 && call.Index >= m.MaxEntries {
		return nil, fmt.Errorf("section %q: %w: slot %d of prog array %q, which has %d", section, ErrNoSlot, call.Index, m.Name, m.MaxEntries)
	}
	call.Map = m.Name
	return &call, nil
}

// filler returns the name in a section of Falco's probe, tracepoint/filler/NAME
// or raw_tracepoint/filler/NAME.
func filler(section string) (string, bool) {
	return strings.CutPrefix(strings.TrimPrefix(section, "raw_"), "tracepoint/filler/")
}
