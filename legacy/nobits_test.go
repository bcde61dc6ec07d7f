// SPDX-License-Identifier: MIT

package legacy_test

import (
	"strings"
	"testing"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/internal/law"
	"github.com/bpfload/bpfload/legacy"
)

// Records of programs in a section that the file has no bytes for.
func TestProgramsWithoutContents(t *testing.T) {
	var o elftest.Object
	o.Object("prog", o.Section(elftest.Section{Name: ".android_progs", Type: elf.SHTNobits, Size: 180, Flags: elf.SHFAlloc}), 0, 180)
	f, err := elf.Parse(o.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	defs, err := legacy.ProgramDefs(f)
	if law.Located(t, err); defs != nil || !strings.Contains(err.Error(), "without contents") {
		t.Errorf("%v, %v", defs, err)
	}
}
