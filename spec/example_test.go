// SPDX-License-Identifier: MIT

package spec_test

import (
	"fmt"

	"github.com/cilium/ebpf"

	"github.com/bpfload/bpfload/spec"
)

// Names are the kernel's, in lower case and without prefix, both ways.
func ExampleMapTypeName() {
	fmt.Println(spec.MapTypeName(ebpf.ArrayOfMaps))
	typ, ok := spec.ParseMapType("BPF_MAP_TYPE_ARRAY_OF_MAPS")
	fmt.Println(typ == ebpf.ArrayOfMaps, ok)
	// Output:
	// array_of_maps
	// true true
}
