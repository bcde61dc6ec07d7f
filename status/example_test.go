// SPDX-License-Identifier: MIT

package status_test

import (
	"fmt"
	"log"

	"github.com/bpfload/bpfload/status"
)

// Reading pins takes privileges, so that this is not run.
func ExampleRead() {
	report, err := status.Read("/sys/fs/bpf/conn")
	if err != nil {
		log.Fatal(err)
	}
	for _, p := range report.Programs {
		fmt.Println(p.Name, p.ID)
	}
}
