// SPDX-License-Identifier: MIT

package attach

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"unsafe"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/link"
	"golang.org/x/sys/unix"
)

// events are the counters that have a name, sorted by it.
var events = []struct {
	name         string
	typ          uint32
	config, freq uint64 // freq: samples a second where nothing is said
}{
	{"alignment-faults", unix.PERF_TYPE_SOFTWARE, unix.PERF_COUNT_SW_ALIGNMENT_FAULTS, 0},
	{"branch-misses", unix.PERF_TYPE_HARDWARE, unix.PERF_COUNT_HW_BRANCH_MISSES, 0},
	{"branches", unix.PERF_TYPE_HARDWARE, unix.PERF_COUNT_HW_BRANCH_INSTRUCTIONS, 0},
	{"bus-cycles", unix.PERF_TYPE_HARDWARE, unix.PERF_COUNT_HW_BUS_CYCLES, 0},
	{"cache-misses", unix.PERF_TYPE_HARDWARE, unix.PERF_COUNT_HW_CACHE_MISSES, 0},
	{"cache-references", unix.PERF_TYPE_HARDWARE, unix.PERF_COUNT_HW_CACHE_REFERENCES, 0},
	{"context-switches", unix.PERF_TYPE_SOFTWARE, unix.PERF_COUNT_SW_CONTEXT_SWITCHES, 0},
	{"cpu-clock", unix.PERF_TYPE_SOFTWARE, unix.PERF_COUNT_SW_CPU_CLOCK, 99},
	{"cpu-migrations", unix.PERF_TYPE_SOFTWARE, unix.PERF_COUNT_SW_CPU_MIGRATIONS, 0},
	{"cycles", unix.PERF_TYPE_HARDWARE, unix.PERF_COUNT_HW_CPU_CYCLES, 99},
	{"emulation-faults", unix.PERF_TYPE_SOFTWARE, unix.PERF_COUNT_SW_EMULATION_FAULTS, 0},
	{"instructions", unix.PERF_TYPE_HARDWARE, unix.PERF_COUNT_HW_INSTRUCTIONS, 0},
	{"major-faults", unix.PERF_TYPE_SOFTWARE, unix.PERF_COUNT_SW_PAGE_FAULTS_MAJ, 0},
	{"minor-faults", unix.PERF_TYPE_SOFTWARE, unix.PERF_COUNT_SW_PAGE_FAULTS_MIN, 0},
	{"page-faults", unix.PERF_TYPE_SOFTWARE, unix.PERF_COUNT_SW_PAGE_FAULTS, 0},
	{"ref-cycles", unix.PERF_TYPE_HARDWARE, unix.PERF_COUNT_HW_REF_CPU_CYCLES, 0},
	{"task-clock", unix.PERF_TYPE_SOFTWARE, unix.PERF_COUNT_SW_TASK_CLOCK, 99},
}

func parsePerfEvent(t *Target) (attacher, error) {
	name, settings, err := cutSettings(t.Place, "freq", "period", "cpu")
	if err != nil {
		return nil, err
	}
	attr := unix.PerfEventAttr{Size: uint32(unsafe.Sizeof(unix.PerfEventAttr{}))}
	freq := uint64(0)
	for i, e := range events {
		if e.name == name {
			attr.Type, attr.Config, freq = e.typ, e.config, e.freq
			break
		}
		if i == len(events)-1 {
			names := make([]string, len(events))
			for i := range events {
				names[i] = events[i].name
			}
			return nil, fmt.Errorf("event %q: want one of %s", name, strings.Join(names, ", "))
		}
	}
	given, err := settings.number("freq", 1, 1<<20)
	if err != nil {
		return nil, err
	}
	period, err := settings.number("period", 1, 1<<62)
	if err != nil {
		return nil, err
	}
	switch {
	case given != 0 && period != 0:
		return nil, fmt.Errorf("freq and period exclude each other")
	case given != 0:
		freq = uint64(given)
	}
	attr.Sample = max(1, uint64(period)) // of events that are counted, each by default
	if period == 0 && freq != 0 {
		attr.Sample, attr.Bits = freq, unix.PerfBitFreq
	}
	cpu, err := settings.number("cpu", 0, 1<<16)
	if err != nil {
		return nil, err
	}
	_, oneCPU := settings["cpu"]
	return func(p *Program) (links []Link, err error) {
		cpus := []int{int(cpu)}
		if !oneCPU {
			if cpus, err = onlineCPUs(); err != nil {
				return nil, err
			}
		}
		for _, cpu := range cpus {
			l, err := attachEvent(p, &attr, cpu)
			if err != nil {
				closeAll(links)
				return nil, fmt.Errorf("CPU %d: %w", cpu, err)
			}
			links = append(links, l)
		}
		return links, nil
	}, nil
}

// attachEvent attaches a program to a counter of one CPU. The link keeps it going.
func attachEvent(p *Program, attr *unix.PerfEventAttr, cpu int) (Link, error) {
	fd, err := unix.PerfEventOpen(attr, -1, cpu, -1, unix.PERF_FLAG_FD_CLOEXEC)
	if err != nil {
		return nil, err
	}
	defer unix.Close(fd)
	return link.AttachRawLink(link.RawLinkOptions{Target: fd, Program: p.Program, Attach: ebpf.AttachPerfEvent})
}

// onlineCPUs reads a list such as "0-3,6".
func onlineCPUs() ([]int, error) {
	data, err := os.ReadFile("/sys/devices/system/cpu/online")
	if err != nil {
		return nil, err
	}
	return parseCPUs(strings.TrimSpace(string(data)))
}

func parseCPUs(s string) ([]int, error) {
	var cpus []int
	for part := range strings.SplitSeq(s, ",") {
		from, to, ranged := strings.Cut(part, "-")
		if !ranged {
			to = from
		}
		first, err := strconv.ParseUint(from, 10, 16)
		if err != nil {
			return nil, fmt.Errorf("the list of CPUs %q: %w", s, err)
		}
		last, err := strconv.ParseUint(to, 10, 16)
		if err != nil || last < first {
			return nil, fmt.Errorf("the list of CPUs %q has a part %q", s, part)
		}
		for cpu := first; cpu <= last; cpu++ {
			cpus = append(cpus, int(cpu))
		}
	}
	slices.Sort(cpus)
	return slices.Compact(cpus), nil
}
