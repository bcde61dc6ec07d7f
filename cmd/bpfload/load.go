// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"fmt"
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
		at     attachFlags
		dryRun bool
	)
	cmd := &cobra.Command{
		Use:   "load FILE... --pin DIR",
		Short: "Create, load and pin, all or nothing",
		Long: `load creates the maps of an object, fills them in, loads its programs and pins
each in DIR, under its own name. It either does all of it or leaves the machine as
it was. Of several files each gets a directory of its own below DIR, named for the
file.

--attach attaches every program whose section says where to, such as
kprobe/do_unlinkat; --attach=PROG=TARGET attaches one by hand, such as
--attach=count=xdp:eth0, and may be repeated. Links are pinned beside their
programs, as NAME_link; if one cannot be made, nothing is loaded. With --replace,
links of the replaced set go on with the new programs, without a gap.

Where DIR holds a set already, load changes nothing and exits 73. A boot script, which
may run twice, adds --replace --reuse=compatible: new programs take the place of the
old ones in one step, and maps keep what is in them, but for what the object or --set
puts there.

--dry-run prints what would be done, in order; it needs no privileges.`,
		Example: "  bpfload load testdata/bpf/xdp_counters.o --pin /sys/fs/bpf/counters --attach=count=xdp:eth0",
		Args:    operands("FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if pin.dir == "" && !dryRun {
				return hinted(usagef("load: no --pin DIR: without pins everything ends with this command"),
					"to try an object without keeping it: bpfload verify "+args[0])
			}
			objects, err := open.objects(args)
			if err != nil {
				return err
			}
			opts, err := kernel.options()
			if err != nil {
				return err
			}
			if err := edit.apply(objects, opts); err != nil {
				return err
			}
			if err := pin.apply(opts); err != nil {
				return err
			}
			if err := at.apply(objects, opts); err != nil {
				return err
			}
			if dryRun {
				return e.plan(objects, opts)
			}
			if err := pin.prepare(cmd.Context(), e); err != nil {
				return err
			}
			return e.load(cmd.Context(), objects, opts)
		},
	}
	f := cmd.Flags()
	open.add(f)
	edit.add(f)
	kernel.add(f)
	pin.add(f)
	at.add(f)
	f.BoolVar(&dryRun, "dry-run", false, "print the plan and do nothing")
	return cmd
}

// A planDocument is the answer of --dry-run.
type planDocument struct {
	Schema   string            `json:"schema"`
	File     string            `json:"file"`
	Steps    []loader.Step     `json:"steps"`
	Warnings []inspect.Warning `json:"warnings"`
}

func (e *env) plan(objects []*loader.Object, opts *loader.LoadOptions) error {
	plans, err := loader.PlanAll(objects, opts)
	if err != nil {
		return err
	}
	for i, p := range plans {
		if !e.json {
			e.warn(objects[i].File, p.Warnings)
			fmt.Fprint(e.stdout, p)
			continue
		}
		doc := planDocument{Schema: "bpfload/plan/v1", File: objects[i].File, Steps: p.Steps(), Warnings: []inspect.Warning{}}
		for _, w := range p.Warnings {
			doc.Warnings = append(doc.Warnings, inspect.Warning(w))
		}
		if err := e.printJSON(doc); err != nil {
			return err
		}
	}
	return nil
}

func (e *env) load(ctx context.Context, objects []*loader.Object, opts *loader.LoadOptions) error {
	start := time.Now()
	loaded, err := loader.LoadAll(ctx, objects, opts)
	if err != nil {
		return explained(objects, err)
	}
	took := time.Since(start)
	for i, l := range loaded {
		if err := e.showLoaded(objects[i], l, took); err != nil {
			return err
		}
	}
	// What is pinned stays; the rest of the descriptors end with the process.
	return nil
}
