// SPDX-License-Identifier: MIT

package main

import (
	"errors"
	"strings"
	"testing"
)

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

// A verb whose answer could not be written has failed, and says so.
func TestAnswerNotWritten(t *testing.T) {
	const object = "../../testdata/bpf/xdp_counters.o"
	for _, args := range [][]string{
		{"inspect", object}, {"inspect", "--json", object}, {"inspect", "--format=dot", object},
		{"diff", object, "../../testdata/bpf/percpu.o"}, {"diff", "--json", object, object},
		{"load", "--dry-run", object, "--pin", "/sys/fs/bpf/x"}, {"explain", "usage"}, {"version"}, {"help"}, {"load", "--help"},
	} {
		var stderr strings.Builder
		if code := run(t.Context(), args, strings.NewReader(""), full{}, &stderr); code != exitNo || !strings.Contains(stderr.String(), "bpfload: writing the answer: no space left on device") {
			t.Errorf("%q: exit %d, %q", args, code, &stderr)
		}
	}
}
