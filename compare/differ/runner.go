// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"os"

	"github.com/bpfload/bpfload/compare/oracle"
)

// A runner asks everyone about one object.
type runner struct {
	bpfload string
	answers answers
	oracles []command
	load    bool
	spy     string // "" if what is handed to the kernel is not compared
}

// A finding is what one oracle's answer differs in, or why it could not be had.
type finding struct {
	oracle string
	fields int // compared
	diffs  []difference
	failed error
}

func (r runner) object(file string) []finding {
	found := r.documents("open", file, ask(r.bpfload, "open", file, r.answers.timeout))
	switch {
	case !r.load:
	case r.spy == "":
		found = append(found, r.documents("load", file, ask(r.bpfload, "load", file, r.answers.timeout))...)
	default:
		ours, programs, err := r.spyOn(file)
		found = append(found, r.documents("load", file, ours)...)
		for _, o := range r.oracles {
			if o.linksAtLoad {
				found = append(found, r.handed(o, file, programs, err))
			}
		}
	}
	return found
}

// documents compares what everyone says about an object.
func (r runner) documents(mode, file string, ours oracle.Document) []finding {
	var found []finding
	for _, o := range r.oracles {
		if o.legacyOnly && (mode != "open" || !ours.Legacy && ours.Verdict == "ok") {
			continue
		}
		f := finding{oracle: o.name}
		theirs, err := r.answers.get(o, mode, file)
		switch {
		case err != nil:
			f.failed = err
		case o.legacyOnly && theirs.Verdict == "error":
			continue // it knows too little of what is newer than it
		case theirs.Verdict == "crash":
			f.failed = fmt.Errorf("%s crashed: %s", o.name, theirs.Error)
		default:
			if mode == "open" && r.load && o.linksAtLoad {
				r.addLinked(&theirs, o, file)
			}
			f.fields, f.diffs = compare(ours, theirs)
		}
		found = append(found, f)
	}
	return found
}

// addLinked puts the sizes of linked programs into a description, for a reader
// that tells them only after it has loaded the object.
func (r runner) addLinked(doc *oracle.Document, o command, file string) {
	loaded, err := r.answers.get(o, "load", file)
	if err != nil {
		return
	}
	sizes := map[string]int{}
	for _, p := range loaded.Programs {
		sizes[p.Name] = p.Insns
	}
	for i := range doc.Programs {
		doc.Programs[i].Insns = sizes[doc.Programs[i].Name]
	}
}

// spyOn is ask for the kernel's verdicts, with the programs that bpfload gave to
// the kernel meanwhile.
func (r runner) spyOn(file string) (oracle.Document, []handed, error) {
	out, err := os.CreateTemp("", "differ.*")
	if err != nil {
		return oracle.Document{Verdict: "crash", Error: err.Error()}, nil, err
	}
	out.Close()
	defer os.Remove(out.Name())
	doc := ask(r.bpfload, "load", file, r.answers.timeout, r.spy, out.Name())
	text, err := os.ReadFile(out.Name())
	if err != nil {
		return doc, nil, err
	}
	programs, err := decodeHanded(text)
	return doc, programs, err
}

// handed compares the programs that both gave to the kernel.
func (r runner) handed(o command, file string, ours []handed, err error) finding {
	f := finding{oracle: o.name, failed: err}
	if f.failed != nil {
		return f
	}
	var theirs []handed
	if theirs, f.failed = r.answers.handed(r.spy, o, file); f.failed == nil {
		f.fields, f.diffs = compareHanded(ours, theirs)
	}
	return f
}
