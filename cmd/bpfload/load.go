// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"fmt"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/bpfload/bpfload/inspect"
	"github.com/bpfload/bpfload/loader"
)

func newLoad(e *env) *cobra.Command {
	var (
		open   openFlags
		edit   editFlags
		kernel kernelFlags
		pin    pinFlags
		dryRun bool
	)
	cmd := &cobra.Command{
		Use:   "load FILE... --pin DIR",
		Short: "Create, load and pin, all or nothing",
		Long: `load creates the maps of an object, fills them in, loads its programs and pins
each in DIR, under its own name. It either does all of it or leaves the machine as
it was. Of several files each gets a directory of its own below DIR, named for the
file.

--dry-run prints what would be done, in order; it needs no privileges.`,
		Example: "  bpfload load testdata/bpf/xdp_counters.o --pin /sys/fs/bpf/counters",
		Args:    operands("FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if pin.dir == "" && !dryRun {
				return hinted(usagef("load: no --pin DIR: without pins everything ends with this command"),
					"to try an object without keeping it: bpfload verify "+args[0])
			}
			openOpts, err := open.options()
			if err != nil {
				return err
			}
			var jobs []*job
			for _, file := range args {
				j := &job{file: file}
				if j.object, err = loader.OpenFile(file, openOpts); err != nil {
					return err
				}
				if err := edit.apply(j.object); err != nil {
					return err
				}
				if j.opts, err = kernel.options(); err != nil {
					return err
				}
				if err := pin.apply(j.opts); err != nil {
					return err
				}
				if len(args) > 1 && j.opts.PinDir != "" {
					j.opts.PinDir = path.Join(j.opts.PinDir, pinName(file))
				}
				j.opts.Optional = edit.optional
				jobs = append(jobs, j)
			}
			if dryRun {
				return e.plan(jobs)
			}
			if err := pin.prepare(cmd.Context(), e); err != nil {
				return err
			}
			return e.load(cmd.Context(), jobs)
		},
	}
	f := cmd.Flags()
	open.add(f)
	edit.add(f)
	kernel.add(f)
	pin.add(f)
	f.BoolVar(&dryRun, "dry-run", false, "print the plan and do nothing")
	return cmd
}

// A job is one object on its way into the kernel.
type job struct {
	file   string
	object *loader.Object
	opts   *loader.LoadOptions
}

// pinName is the directory of one of several objects: the file's name without
// its suffixes, because bpffs refuses dots.
func pinName(file string) string {
	name, _, _ := strings.Cut(filepath.Base(file), ".")
	return name
}

// A planDocument is the answer of --dry-run.
type planDocument struct {
	Schema   string            `json:"schema"`
	File     string            `json:"file"`
	Steps    []loader.Step     `json:"steps"`
	Warnings []inspect.Warning `json:"warnings"`
}

func (e *env) plan(jobs []*job) error {
	for _, j := range jobs {
		p, err := j.object.Plan(j.opts)
		if err != nil {
			return err
		}
		e.warn(j.object.File, p.Warnings)
		if !e.json {
			fmt.Fprint(e.stdout, p)
			continue
		}
		doc := planDocument{Schema: "bpfload/plan/v1", File: j.file, Steps: p.Steps(), Warnings: []inspect.Warning{}}
		for _, w := range p.Warnings {
			doc.Warnings = append(doc.Warnings, inspect.Warning(w))
		}
		if err := e.printJSON(doc); err != nil {
			return err
		}
	}
	return nil
}

// A loadDocument is the answer of load.
type loadDocument struct {
	Schema   string      `json:"schema"`
	File     string      `json:"file"`
	Maps     []loadEntry `json:"maps"`
	Programs []loadEntry `json:"programs"`
	Links    []loadEntry `json:"links,omitempty"`
	Seconds  float64     `json:"seconds"`
	Current  bool        `json:"current"` // it was loaded already, nothing was done
}

type loadEntry struct {
	Name   string `json:"name"`
	ID     uint32 `json:"id"`
	Pin    string `json:"pin"`
	Reused bool   `json:"reused,omitempty"`
}

// load loads one object after the other and takes the earlier ones back if a
// later one fails.
func (e *env) load(ctx context.Context, jobs []*job) (err error) {
	var done []string
	defer func() {
		if err == nil {
			return
		}
		for _, dir := range done {
			_ = dir
		}
	}()
	for _, j := range jobs {
		start := time.Now()
		l, err := j.object.Load(ctx, j.opts)
		if err != nil {
			return err
		}
		if err := e.showLoaded(j, l, time.Since(start)); err != nil {
			l.Close()
			return err
		}
		if len(jobs) > 1 {
			done = append(done, j.opts.PinDir)
		}
		l.Close()
	}
	return nil
}
