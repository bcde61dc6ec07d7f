// SPDX-License-Identifier: MIT

package loader

import (
	"errors"
	"testing"

	"github.com/bpfload/bpfload/elf"
)

func TestSecondArena(t *testing.T) {
	_, err := OpenFile(samplePath("refused/two_arenas.o"), nil)
	want := samplePath("refused/two_arenas.o") + `: section ".maps"+0x18 (map "second"): a second arena beside "first": an object can have one`
	if err == nil || err.Error() != want || !errors.Is(err, elf.ErrUnsupported) {
		t.Errorf("%v\nwant %s", err, want)
	}
	if exit := Classify(err).ExitCode(); exit != 65 {
		t.Errorf("exit code %d, want 65", exit)
	}
}
