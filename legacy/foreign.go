// SPDX-License-Identifier: MIT

package legacy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bpfload/bpfload/elf"
)

// The records below look like those of maps, but were made for something other
// than the BPF of Linux.

// windows is ebpf_map_definition_in_file_t of ebpf-for-windows. It has no
// map_flags, and its map types have numbers of their own.
var windows = dialect{
	name:  "windows",
	about: "ebpf-for-windows",
	sizes: []uint32{32},
	layouts: []layout{sequence(minimalFields,
		u32(fieldInnerMapIndex, fieldPinning, fieldID, fieldInnerID))},
	structs: []string{"_ebpf_map_definition_in_file", "ebpf_map_definition_in_file_t"},
	refusal: "its map types have other numbers than Linux's; compile the source for Linux, with definitions in SEC(\".maps\")",
	vote: func(o *object, g *group) vote {
		if g.size != 32 || g.any(func(d *definition) bool { return d.word(20) > 1 || d.word(24) == 0 }) != nil {
			return vote{}
		}
		return vote{likely, "every record has an id at +0x18 and a mode of pinning, 0 or 1, before it"}
	},
}

// jbpf is jbpf_load_map_def of Microsoft's jbpf, which runs in user space.
var jbpf = dialect{
	name:    "jbpf",
	about:   "jbpf",
	sizes:   []uint32{32},
	layouts: []layout{sequence(libbpfFields, u32(fieldInnerMapIndex, fieldNUMANode, fieldHashFunctions))},
	structs: []string{"jbpf_load_map_def"},
	refusal: "jbpf runs its programs in user space, with map types of its own; load the object with jbpf",
	vote: func(o *object, g *group) vote {
		if g.size != 32 {
			return vote{}
		}
		for i := 1; i < o.f.NumSections(); i++ {
			if name := o.f.SectionName(i); strings.HasPrefix(name, "jbpf_") && o.f.Section(i).Code() {
				return vote{certain, fmt.Sprintf("section %q holds a program for jbpf", name)}
			}
		}
		return vote{}
	},
}

// bcc is the table of BCC's Python and C++ front ends, which compile and load in
// one step and never write an object. It is known by its section names alone.
var bcc = dialect{
	name:    "bcc",
	about:   "BCC",
	refusal: "BCC's tables are made while it compiles; run the tool with BCC, or build its libbpf version (libbpf-tools)",
}

// bccWords are the types that BCC's helpers.h puts behind "maps/".
var bccWords = []string{
	"hash", "array", "prog", "percpu_hash", "percpu_array", "lru_hash", "lru_percpu_hash", "lpm_trie",
	"histogram", "stacktrace", "perf_output", "perf_array", "cgroup_array", "cgroup_storage", "devmap",
	"cpumap", "xskmap", "sockmap", "sockhash", "array_of_maps", "hash_of_maps", "ringbuf_output", "queue",
	"stack", "sk_storage", "inode_storage", "task_storage", "extern", "export", "shared", "table",
}

// checkBCC refuses a section of BCC: its name ends in a type, not in the name of
// the map.
func (o *object) checkBCC(s elf.Section, suffix string) error {
	if !slices.Contains(bccWords, suffix) || o.forced != nil {
		return nil
	}
	var first *definition
	for _, at := range o.f.SymbolsIn(s.Index) {
		sym := o.f.Symbol(at.Index)
		if sym.Name == suffix {
			return nil
		}
		if first == nil {
			first = &definition{o: o, name: sym.Name}
			first.place.Section, first.place.Offset = s.Name, sym.Value
		}
	}
	if first == nil {
		return nil
	}
	return first.fail(0, refused(&bcc))
}
