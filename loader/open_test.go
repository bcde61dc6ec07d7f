// SPDX-License-Identifier: MIT

package loader

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/bpfload/bpfload/elf"
)

func TestOpenErrors(t *testing.T) {
	dir := t.TempDir()
	garbage := filepath.Join(dir, "garbage.o")
	if err := os.WriteFile(garbage, []byte("not an object"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		path string
		exit int
	}{"missing": {filepath.Join(dir, "none.o"), 66}, "directory": {dir, 66}, "garbage": {garbage, 65}} {
		t.Run(name, func(t *testing.T) {
			_, err := OpenFile(tc.path, nil)
			var place *elf.Error
			if tc.exit == 65 && (!errors.As(err, &place) || place.File != tc.path) {
				t.Errorf("error %v does not say which file", err)
			}
			if e := Classify(err); err == nil || e.ExitCode() != tc.exit || e.Object != tc.path {
				t.Errorf("got %v, exit %d of %q", err, e.ExitCode(), e.Object)
			}
		})
	}
}
