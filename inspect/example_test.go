// SPDX-License-Identifier: MIT

package inspect_test

import (
	"log"
	"os"

	"github.com/bpfload/bpfload/inspect"
	"github.com/bpfload/bpfload/loader"
)

// What "bpfload inspect" prints; the same document is written by encoding/json.
func ExampleDescribe() {
	obj, err := loader.OpenFile("../testdata/bpf/xdp_counters.o", nil)
	if err != nil {
		log.Fatal(err)
	}
	doc := inspect.Describe("xdp_counters.o", obj)
	if err := doc.WriteText(os.Stdout); err != nil {
		log.Fatal(err)
	}
	// Output:
	// xdp_counters.o: little-endian BPF object, license "Dual BSD/GPL"
	//
	// maps (1)
	//   name      type          key  value  entries  flags  section  remarks
	//   counters  percpu_array  4    16     4        0x0    .maps
	//
	// programs (1)
	//   name   section  type  attach  insns  remarks
	//   count  xdp      xdp   xdp     37
	//
	// needs CAP_BPF, CAP_PERFMON, CAP_NET_ADMIN
}
