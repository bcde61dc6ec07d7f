// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"time"

	"github.com/bpfload/bpfload/inspect"
	"github.com/bpfload/bpfload/internal/plain"
	"github.com/bpfload/bpfload/loader"
	"github.com/bpfload/bpfload/spec"
)

// warn prints the remarks on an object, one a line.
func (e *env) warn(file string, warnings []spec.Warning) {
	for _, w := range warnings {
		e.remark("%s: warning: %s", plain.Line(file), inspect.Warning(w))
	}
}

// remarks is warn for what a document holds.
func (e *env) remarks(file string, warnings []inspect.Warning) {
	for _, w := range warnings {
		e.remark("%s: warning: %s", plain.Line(file), w)
	}
}

// A loadDocument is the answer of load.
type loadDocument struct {
	Schema   string            `json:"schema"`
	File     string            `json:"file"`
	Maps     []loadEntry       `json:"maps"`
	Programs []loadEntry       `json:"programs"`
	Links    []linkEntry       `json:"links,omitempty"`
	Warnings []inspect.Warning `json:"warnings,omitempty"`
	Seconds  float64           `json:"seconds"`
}

type loadEntry struct {
	Name   string `json:"name"`
	ID     uint32 `json:"id"`
	Pin    string `json:"pin"`
	Reused bool   `json:"reused,omitempty"`
}

type linkEntry struct {
	Name string `json:"name"` // of the program or struct_ops variable
	Pin  string `json:"pin"`
}

// showLoaded answers load.
func (e *env) showLoaded(o *loader.Object, l *loader.Loaded, took time.Duration) error {
	warnings := append(o.Warnings[:len(o.Warnings):len(o.Warnings)], l.Warnings...)
	if !e.json {
		if e.quiet {
			return nil
		}
		e.warn(o.File, warnings)
		return e.showLoadedText(l, took)
	}
	doc := loadDocument{Schema: "bpfload/load/v1", File: o.File, Maps: []loadEntry{}, Programs: []loadEntry{}, Seconds: took.Seconds()}
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
	for _, k := range l.Links {
		doc.Links = append(doc.Links, linkEntry{k.Name, k.Pin})
	}
	for _, w := range warnings {
		doc.Warnings = append(doc.Warnings, inspect.Warning(w))
	}
	return e.printJSON(doc)
}

func (e *env) showLoadedText(l *loader.Loaded, took time.Duration) error {
	pinned := func(path string) string {
		if path == "" {
			return "not pinned"
		}
		return "pinned at " + plain.Line(path)
	}
	for _, m := range l.Maps {
		reused := ""
		if m.Reused {
			reused = ", reused"
		}
		fmt.Fprintf(e.stdout, "map %s: %s, %s%s\n", plain.Line(m.Spec.Name), spec.MapTypeName(m.Spec.Type), pinned(m.Pin), reused)
	}
	for _, p := range l.Programs {
		fmt.Fprintf(e.stdout, "program %s: %s, %s\n", plain.Line(p.Spec.Name), spec.ProgramTypeName(p.Spec.Type), pinned(p.Pin))
	}
	for _, k := range l.Links {
		fmt.Fprintf(e.stdout, "link of %s: %s\n", plain.Line(k.Name), pinned(k.Pin))
	}
	_, err := fmt.Fprintf(e.stdout, "loaded %s and %s in %.1f ms\n", plain.Count(len(l.Maps), "map"), plain.Count(len(l.Programs), "program"), float64(took.Microseconds())/1000)
	return err
}
