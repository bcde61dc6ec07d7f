// SPDX-License-Identifier: MIT

package secdef_test

import (
	"fmt"

	"github.com/bpfload/bpfload/secdef"
	"github.com/bpfload/bpfload/spec"
)

func ExampleMatch() {
	d, _ := secdef.Match("fentry.s/do_unlinkat")
	fmt.Println(d.Pattern, d.Type, spec.AttachTypeName(d.AttachType), d.Extra)
	_, ok := secdef.Match("xdp_prog")
	fmt.Println(ok)
	// Output:
	// fentry.s+ Tracing trace_fentry do_unlinkat
	// false
}

func ExampleMatchLegacy() {
	for _, c := range secdef.Conventions() {
		if d, ok := secdef.MatchLegacy("socket1", c); ok {
			fmt.Println(c, d.Type)
		}
	}
	// Output:
	// libbpf-0 SocketFilter
	// kernel-samples SocketFilter
	// gobpf SocketFilter
}
