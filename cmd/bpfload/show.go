// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"time"

	"github.com/bpfload/bpfload/inspect"
	"github.com/bpfload/bpfload/loader"
	"github.com/bpfload/bpfload/spec"
)

// warn prints the remarks on an object, one a line.
func (e *env) warn(file string, warnings []spec.Warning) {
	for _, w := range warnings {
		e.remark("%s: warning: %s", inspect.Printable(file), inspect.Warning(w))
	}
}

// showLoaded answers load.
func (e *env) showLoaded(j *job, l *loader.Loaded, took time.Duration) error {
	e.warn(j.file, j.object.Warnings)
	e.warn(j.file, l.Warnings)
	if e.json {
		doc := loadDocument{Schema: "bpfload/load/v1", File: j.file, Maps: []loadEntry{}, Programs: []loadEntry{}, Seconds: took.Seconds()}
		for _, m := range l.Maps {
			id, err := m.ID()
			if err != nil {
				return err
			}
			doc.Maps = append(doc.Maps, loadEntry{m.Spec.Name, id, m.Pin, m.Reused})
		}
		for _, p := range l.Programs {
			id, err := p.ID()
			if err != nil {
				return err
			}
			doc.Programs = append(doc.Programs, loadEntry{Name: p.Spec.Name, ID: id, Pin: p.Pin})
		}
		return e.printJSON(doc)
	}
	for _, m := range l.Maps {
		reused := ""
		if m.Reused {
			reused = " (reused)"
		}
		fmt.Fprintf(e.stdout, "map %s: %s, pinned at %s%s\n", inspect.Printable(m.Spec.Name), spec.MapTypeName(m.Spec.Type), inspect.Printable(m.Pin), reused)
	}
	for _, p := range l.Programs {
		fmt.Fprintf(e.stdout, "program %s: %s, pinned at %s\n", inspect.Printable(p.Spec.Name), spec.ProgramTypeName(p.Spec.Type), inspect.Printable(p.Pin))
	}
	fmt.Fprintf(e.stdout, "%d maps, %d programs in %.1f ms\n", len(l.Maps), len(l.Programs), float64(took.Microseconds())/1000)
	return nil
}
