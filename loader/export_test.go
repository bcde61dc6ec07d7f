// SPDX-License-Identifier: MIT

package loader

import (
	"strings"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/rlimit"

	"github.com/bpfload/bpfload/internal/kerneltest"
)

// exportNeeds names the Linux and the feature that some of the samples below need.
var exportNeeds = map[string][2]string{
	"arena-clang22.o":   {"6.9", "arenas"},
	"hidden_callback.o": {"5.13", "callbacks of static functions"},
	"kfunc.o":           {"6.2", "bpf_task_from_pid"},
	"struct_ops_tcp.o":  {"6.4", "links of struct_ops"},
	"subprogs.o":        {"5.13", "callbacks"},
}

// What the collection form can express loads with cilium/ebpf's own loader; the
// rest is named.
func TestKernelCollectionSpec(t *testing.T) {
	needRoot(t)
	skipBigEndian(t)
	if err := rlimit.RemoveMemlock(); err != nil {
		t.Fatal(err)
	}
	for name, lost := range map[string]string{
		"xdp_counters.o":       "",
		"tailcall.o":           "",
		"map_in_map.o":         "",
		"globals.o":            "",
		"subprogs.o":           "",
		"core_task.o":          "",
		"gaps.o":               "",
		"static_values.o":      "",
		"weak_map.o":           "",
		"legacy_maps.o":        "",
		"hidden_callback.o":    "",
		"kfunc.o":              "the kernel function",
		"kconfig.o":            ".kconfig",
		"ksyms.o":              "the kernel symbol",
		"struct_ops_tcp.o":     "struct_ops",
		"arena-clang22.o":      "package asm turns instruction",
		"optional_slot.o":      "loaded only when asked for",
		"pinning.o":            "",
		"ringbuf_typed.o":      "",
		"xdp_counters-dwarf.o": "",
	} {
		t.Run(name, func(t *testing.T) {
			o := sample(t, name)
			if need, ok := exportNeeds[name]; ok {
				kerneltest.Need(t, need[0], need[1])
			}
			l, err := o.Load(t.Context(), &LoadOptions{IgnorePins: true})
			if err != nil {
				t.Fatal(err)
			}
			l.Close()
			c, losses := o.CollectionSpec()
			if got := lossText(losses); !strings.Contains(got, lost) || lost == "" && got != "" {
				t.Errorf("losses %q, want %q", got, lost)
			}
			for _, m := range c.Maps {
				m.Pinning = ebpf.PinNone
			}
			loaded, err := ebpf.NewCollection(c)
			if err != nil {
				t.Fatal(err)
			}
			defer loaded.Close()
			left := 0
			for _, l := range losses {
				if l.Left && l.Program != "" {
					left++
				}
			}
			if len(loaded.Programs)+left != len(o.Programs) {
				t.Errorf("%d programs, %d left out, of %d", len(loaded.Programs), left, len(o.Programs))
			}
		})
	}
}

func lossText(losses []Loss) string {
	var lines []string
	for _, l := range losses {
		lines = append(lines, l.String())
	}
	return strings.Join(lines, "; ")
}

func TestProgramSpec(t *testing.T) {
	o := sample(t, "subprogs.o")
	for _, p := range o.Programs {
		s, err := o.ProgramSpec(p)
		if err != nil {
			t.Fatal(err)
		}
		n, err := o.InsnCount(p)
		if err != nil {
			t.Fatal(err)
		}
		raw := 0
		for _, ins := range s.Instructions {
			raw += int(ins.Size()) / 8
		}
		if raw != n || s.Instructions[0].Symbol() != p.Name {
			t.Errorf("%s: %d instructions named %q, want %d", p.Name, raw, s.Instructions[0].Symbol(), n)
		}
	}
	if _, err := sample(t, "kfunc.o").ProgramSpec(sample(t, "kfunc.o").Programs[0]); err == nil {
		t.Error("a program that calls a kernel function was exported")
	}
}
