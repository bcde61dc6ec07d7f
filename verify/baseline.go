// SPDX-License-Identifier: MIT

package verify

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/bpfload/bpfload/inspect"
)

// tolerance is by how much the instructions that the verifier looks at may grow
// before that is a regression: compilers and kernels move them by a little.
const tolerance = 0.05

// A Baseline is what an earlier run said of programs.
type Baseline struct {
	docs []Document
}

// of finds what was said of an object: by the file's whole name or, where the tree has
// moved since, by its last part, if only one object has that.
func (b *Baseline) of(file string) *Document {
	var alike []*Document
	for i := range b.docs {
		d := &b.docs[i]
		if d.File == file {
			return d
		}
		if filepath.Base(d.File) == filepath.Base(file) {
			alike = append(alike, d)
		}
	}
	if len(alike) != 1 {
		return nil
	}
	return alike[0]
}

// ReadBaseline reads the documents that an earlier run wrote as JSON.
func ReadBaseline(name string) (*Baseline, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b := new(Baseline)
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
		b.docs = append(b.docs, d)
	}
}

// Check notes which programs the verifier works on harder than max instructions, or
// harder than the baseline says, or that were accepted once and no longer are. What
// cannot be compared is a warning. The baseline may be nil, and 0 is no maximum.
func (d *Document) Check(b *Baseline, max int) {
	for _, p := range d.Programs {
		if max > 0 && p.Verdict == "ok" && p.Processed > max {
			d.regressed("program %q: the verifier looked at %d instructions, more than %d", p.Name, p.Processed, max)
		}
	}
	if b == nil {
		return
	}
	before := b.of(d.File)
	if before == nil {
		d.unlike("the baseline has no such object, or several: nothing is compared")
		return
	}
	old := make(map[string]*Program, len(before.Programs))
	for i := range before.Programs {
		old[before.Programs[i].Name] = &before.Programs[i]
	}
	for _, p := range d.Programs {
		was := old[p.Name]
		delete(old, p.Name)
		switch {
		case was == nil:
			d.unlike("program %q is not in the baseline", p.Name)
		case was.Verdict != "ok":
		case p.Verdict == "rejected":
			d.regressed("program %q: was accepted, is rejected", p.Name)
		case p.Verdict == "skipped":
			d.unlike("program %q was verified for the baseline and is skipped", p.Name)
		case float64(p.Processed) > float64(was.Processed)*(1+tolerance):
			d.regressed("program %q: the verifier looked at %d instructions, %d before", p.Name, p.Processed, was.Processed)
		}
	}
	for _, p := range before.Programs { // in file order
		if old[p.Name] != nil {
			d.unlike("program %q of the baseline is gone", p.Name)
		}
	}
}

func (d *Document) regressed(format string, args ...any) {
	d.Regressions = append(d.Regressions, fmt.Sprintf(format, args...))
}

func (d *Document) unlike(format string, args ...any) {
	d.Warnings = append(d.Warnings, inspect.Warning{Code: "baseline", Message: fmt.Sprintf(format, args...)})
}
