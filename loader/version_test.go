// SPDX-License-Identifier: MIT

package loader

import (
	"testing"

	"github.com/bpfload/bpfload/spec"
)

// A type that came after the oldest kernel of the matrix has its version in two
// places, one of them the test on kernels, and they are the same.
func TestMapTypeSince(t *testing.T) {
	for _, name := range spec.MapTypeNames() {
		typ, ok := spec.ParseMapType(name)
		if !ok {
			t.Fatalf("map type %s has no number", name)
		}
		since, want := mapTypeSince(typ), typesSince[typ]
		if want == "" && since > linux(5, 10) || want != "" && since.String() != want {
			t.Errorf("%s: Linux %s here, %q for TestKernelMapTypes", name, since, want)
		}
	}
}
