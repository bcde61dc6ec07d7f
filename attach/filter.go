// SPDX-License-Identifier: MIT

package attach

import (
	"errors"

	"github.com/bpfload/bpfload/internal/tc"
)

// filter is a classic filter of tc, which stays by itself.
type filter struct {
	record *tc.Record
	pinned bool
}

// Pin leaves a symbolic link that says where the filter is.
func (f *filter) Pin(path string) error {
	if err := f.record.Pin(path); err != nil {
		return err
	}
	f.pinned = true
	return nil
}

// Close removes the filter unless it was pinned.
func (f *filter) Close() error {
	if f.pinned {
		return nil
	}
	return f.Undo()
}

// Undo removes the filter, pinned or not.
func (f *filter) Undo() error {
	if err := f.record.Detach(); !errors.Is(err, tc.ErrGone) {
		return err
	}
	return nil
}
