// SPDX-License-Identifier: MIT

package loader

import (
	"strings"
	"testing"

	"github.com/bpfload/bpfload/internal/kerneltest"
)

// TestKernelKnownCases loads, by the name of the case, the samples in which other
// loaders were found wanting: cilium/ebpf 0.22 refuses or misreads all of them,
// libbpf 1.7 those marked so.
func TestKernelKnownCases(t *testing.T) {
	needRoot(t)
	skipBigEndian(t)
	for name, object := range map[string]string{
		"arena":              "arena-clang22.o",
		"custom .bss":        "globals.o",
		"LINUX_HAS_ cookie":  "kconfig.o",
		"weak kconfig":       "kconfig.o",
		"exception callback": "exceptions.o",
		"hidden callback":    "hidden_callback.o",
		"kfunc flavour":      "kfunc.o",
		"numa_node":          "map_fields.o",
		"optional program":   "optional_slot.o",
		"ring buffer size":   "ringbuf.o",
		".struct_ops":        "struct_ops_multi.o",
		"weak map":           "weak_map.o",
		"linked, same names": "linked/linked.o",
		"alias":              "alias.o",
		"alias of a program": "alias_program.o",
		"gaps":               "gaps.o",
		"width of a field":   "core_width.o",
		"static values":      "static_values.o", // libbpf, too
		"static programs":    "static_progs.o",  // libbpf, too
		"inner map after":    "map_in_map_late.o",
		"calls of a section": "section_calls.o", // libbpf, too
		"pointers in data":   "data_pointers.o", // libbpf drops them
		"unused extern":      "extern_unused.o", // libbpf, too
		"map with contents":  "map_initialised.o",
		"wide maps":          "map_wide.o",
		"jump table":         "jumptable-clang22.o",
	} {
		t.Run(name, func(t *testing.T) {
			base := object[strings.LastIndexByte(object, '/')+1:]
			if since[base] == never {
				t.Fatalf("no kernel accepts %s", object)
			}
			o, err := OpenFile(samplePath(object), nil)
			if err != nil {
				t.Fatal(err)
			}
			if first := since[base]; first != "" {
				kerneltest.Need(t, first, name)
			}
			if last := until[base]; last != "" && kerneltest.After(t, last) {
				t.Skipf("kernels after Linux %s refuse %s", last, object)
			}
			r, err := o.Verify(t.Context(), nil)
			if err != nil || !r.Accepted {
				t.Errorf("%s: %v, %v", object, err, firstError(r))
			}
		})
	}
}
