// SPDX-License-Identifier: MIT

package verify

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// tolerance is by how much the instructions that the verifier looks at may grow
// before that is a regression: compilers and kernels move them by a little.
const tolerance = 0.05

// A Baseline is what an earlier run said of programs.
type Baseline struct {
	programs map[[2]string]Program // by base name of the file and name
}

// ReadBaseline reads the documents that an earlier run wrote as JSON.
func ReadBaseline(name string) (*Baseline, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b := &Baseline{programs: make(map[[2]string]Program)}
	dec := json.NewDecoder(f)
	for n := 0; ; n++ {
		var d Document
		switch err := dec.Decode(&d); {
		case errors.Is(err, io.EOF) && n == 0:
			return nil, fmt.Errorf("%s is empty, want what bpfload verify --json writes", name)
		case errors.Is(err, io.EOF):
			return b, nil
		case err != nil:
			return nil, fmt.Errorf("%s: %w", name, err)
		case d.Schema != Schema:
			return nil, fmt.Errorf("%s: schema %q, want %q, as bpfload verify --json writes it", name, d.Schema, Schema)
		}
		for _, p := range d.Programs {
			b.programs[[2]string{filepath.Base(d.File), p.Name}] = p
		}
	}
}

// Check notes which programs the verifier works on harder than max instructions, or
// harder than the baseline says, or that were accepted once and no longer are. The
// baseline may be nil, and 0 is no maximum.
func (d *Document) Check(b *Baseline, max int) {
	for _, p := range d.Programs {
		if max > 0 && p.Processed > max {
			d.Regressions = append(d.Regressions, fmt.Sprintf("program %q: the verifier looked at %d instructions, more than %d", p.Name, p.Processed, max))
		}
		if b == nil {
			continue
		}
		old, ok := b.programs[[2]string{filepath.Base(d.File), p.Name}]
		switch {
		case !ok:
		case old.Verdict == "ok" && p.Verdict == "rejected":
			d.Regressions = append(d.Regressions, fmt.Sprintf("program %q: was accepted, is rejected", p.Name))
		case old.Verdict == "ok" && float64(p.Processed) > float64(old.Processed)*(1+tolerance):
			d.Regressions = append(d.Regressions, fmt.Sprintf("program %q: the verifier looked at %d instructions, %d before", p.Name, p.Processed, old.Processed))
		}
	}
}
