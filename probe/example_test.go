// SPDX-License-Identifier: MIT

package probe_test

import (
	"fmt"
	"log"

	"github.com/bpfload/bpfload/loader"
	"github.com/bpfload/bpfload/probe"
)

// Asking takes the privileges that loading takes, so that this is not run.
func ExampleObject() {
	obj, err := loader.OpenFile("../testdata/bpf/core_task.o", nil)
	if err != nil {
		log.Fatal(err)
	}
	needs, err := probe.Object(obj)
	if err != nil {
		log.Fatal(err)
	}
	for _, n := range needs {
		if n.Supported == probe.No {
			fmt.Printf("%s %s, for %v, is not in this kernel\n", n.Kind, n.Name, n.By)
		}
	}
}
