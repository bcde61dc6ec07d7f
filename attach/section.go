// SPDX-License-Identifier: MIT

package attach

import (
	"slices"
	"strings"

	"github.com/cilium/ebpf"

	"github.com/bpfload/bpfload/spec"
)

// SectionTarget returns the target that the name of a program's section gives, such
// as kprobe/FUNC. ok is false where it names none, because the place is the
// administrator's choice (xdp, tc, cgroups) or was left out.
func SectionTarget(p *spec.Program) (t Target, ok bool, err error) {
	text := sectionTarget(p)
	if text == "" {
		return Target{}, false, nil
	}
	t, err = Parse(text)
	return t, err == nil, err
}

func sectionTarget(p *spec.Program) string {
	name, place, _ := strings.Cut(p.Section, "/")
	name = strings.TrimSuffix(name, ".s") // sleepable
	switch p.Type {
	case ebpf.Tracing:
		if p.AttachType == ebpf.AttachTraceIter {
			return "iter"
		}
		if i := slices.Index(tracingMulti, p.AttachType); i >= 0 {
			return placed(tracingMultiNames[i], place)
		}
		return "trace"
	case ebpf.LSM:
		if p.AttachType == ebpf.AttachLSMCgroup {
			return ""
		}
		return "lsm"
	case ebpf.Extension:
		return "freplace"
	case ebpf.TracePoint:
		if p.TypeFrom == "perf" {
			place = p.Section // CATEGORY:NAME
		}
		return placed("tracepoint", place)
	case ebpf.RawTracepoint, ebpf.RawTracepointWritable:
		return placed("raw_tp", place)
	case ebpf.Kprobe:
		switch {
		case lookup(name) != nil:
			return placed(name, place)
		case p.TypeFrom == "perf":
			_, function, _ := strings.Cut(p.Section, "=")
			function, _, _ = strings.Cut(function, " ")
			return placed("kprobe", function)
		}
	}
	return ""
}

func placed(kind, place string) string {
	if place == "" {
		return ""
	}
	return kind + ":" + place
}
