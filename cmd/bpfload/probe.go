// SPDX-License-Identifier: MIT

package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/plain"
	"github.com/bpfload/bpfload/loader"
	"github.com/bpfload/bpfload/probe"
)

func newProbe(e *env) *cobra.Command {
	var open openFlags
	cmd := &cobra.Command{
		Use:   "probe [FILE]",
		Short: "Say what this kernel can do, or what FILE needs and it lacks",
		Long: `probe tries the map types, program types and other features of BPF on the running
kernel. With FILE it lists what that object needs instead, and exits 3 if the kernel
lacks some of it.`,
		Example: "  bpfload probe testdata/bpf/ringbuf.o",
		Args:    atMost(1, "one FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				r, err := probe.Kernel()
				if err != nil {
					return privileged(err)
				}
				if e.json {
					return e.printJSON(r)
				}
				return e.showKernel(r)
			}
			opts, err := open.options()
			if err != nil {
				return err
			}
			o, err := loader.OpenFile(args[0], opts)
			if err != nil {
				return err
			}
			needs, err := probe.Object(o)
			if err != nil {
				return privileged(err)
			}
			return e.showNeeds(args[0], needs)
		},
	}
	open.add(cmd.Flags())
	return cmd
}

// privileged explains a refusal to probe.
func privileged(err error) error {
	if errors.Is(err, unix.EPERM) {
		return &loader.Error{Class: loader.ClassCapability, Code: "capability", Err: err, Advice: "run it as root, or with CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN"}
	}
	return err
}

func (e *env) showKernel(r *probe.Report) error {
	fmt.Fprintf(e.stdout, "Linux %s\n", r.Kernel)
	fmt.Fprintf(e.stdout, "kernel BTF: %s\nbpffs at /sys/fs/bpf: %s\nnet.core.bpf_jit_enable: %s\nkernel.unprivileged_bpf_disabled: %s\n",
		r.BTF, r.BPFFS, r.JIT, r.Unprivileged)
	for _, group := range []struct {
		title string
		list  []probe.Feature
	}{{"features", r.Features}, {"map types", r.MapTypes}, {"program types", r.ProgramTypes}} {
		fmt.Fprintf(e.stdout, "\n%s\n", group.title)
		for _, v := range []probe.Verdict{probe.Yes, probe.No, probe.Unknown} {
			var names []string
			for _, f := range group.list {
				if f.Supported == v {
					names = append(names, f.Name)
				}
			}
			if len(names) > 0 {
				fmt.Fprintf(e.stdout, "  %s: %s\n", v, strings.Join(names, ", "))
			}
		}
	}
	return nil
}

// showNeeds lists an object's needs and ends with the first that is not met.
func (e *env) showNeeds(file string, needs []probe.Need) error {
	var lacking []string
	for _, n := range needs {
		if n.Supported == probe.No {
			lacking = append(lacking, n.Kind+" "+n.Name)
		}
	}
	if e.json {
		doc := struct {
			Schema string       `json:"schema"`
			File   string       `json:"file"`
			Needs  []probe.Need `json:"needs"`
			Lacks  []string     `json:"lacks"`
		}{probe.Schema, file, needs, lacking}
		if doc.Lacks == nil {
			doc.Lacks = []string{}
		}
		if err := e.printJSON(doc); err != nil {
			return err
		}
	} else {
		for _, n := range needs {
			fmt.Fprintf(e.stdout, "%-8s %s %s, for %s", n.Supported, n.Kind, plain.Line(n.Name), plain.Line(strings.Join(n.By, ", ")))
			if n.Reason != "" && n.Supported != probe.Yes {
				fmt.Fprintf(e.stdout, ": %s", plain.Line(n.Reason))
			}
			fmt.Fprintln(e.stdout)
		}
	}
	if len(lacking) == 0 {
		return nil
	}
	err := &loader.Error{Class: loader.ClassFeature, Code: "kernel-feature", Object: file, Err: fmt.Errorf("this kernel lacks %s", strings.Join(lacking, ", "))}
	if e.json {
		return &silent{err}
	}
	return err
}
