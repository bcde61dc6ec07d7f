// SPDX-License-Identifier: MIT

package legacy

import (
	"fmt"
	"strings"

	"github.com/bpfload/bpfload/elf"
)

// ErrAmbiguous says that records fit several dialects and that nothing in the
// object tells them apart. It is also [elf.ErrUnsupported]. The error in the
// chain is an *[AmbiguousError].
var ErrAmbiguous = elf.Unsupported("ambiguous map records")

// An AmbiguousError lists the dialects between which evidence does not decide.
type AmbiguousError struct {
	Candidates []string // names for Options.Dialect
	Reason     string   // what was seen
}

// Error says what was seen and how to choose.
func (e *AmbiguousError) Error() string {
	return fmt.Sprintf("%s: choose between %s with --dialect", e.Reason, strings.Join(e.Candidates, ", "))
}

// Unwrap returns [ErrAmbiguous].
func (e *AmbiguousError) Unwrap() error { return ErrAmbiguous }

// fail locates an error off bytes into the record of a definition.
func (d *definition) fail(off uint64, err error) error {
	return &elf.Error{Section: d.place.Section, Offset: d.place.Offset + off, Kind: d.o.kind, Symbol: d.name, Err: err}
}
