// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/bpfload/bpfload/internal/bpffs"
	"github.com/bpfload/bpfload/internal/plain"
	"github.com/bpfload/bpfload/status"
)

func newStatus(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "status [DIR]",
		Short: "Say what is loaded, attached, and since when",
		Long: `status lists the programs, maps and links that are pinned below DIR, which is
` + bpffs.DefaultRoot + ` if not given.

The kernel counts how often programs run, and for how long, once told to, which
costs a little for each run: sysctl kernel.bpf_stats_enabled=1`,
		Example: "  bpfload status /sys/fs/bpf/counters",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return hinted(usagef("status: want one DIR, got %d operands", len(args)), "try: bpfload status --help")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			dir, err := filepath.Abs(append(args, bpffs.DefaultRoot)[0])
			if err != nil {
				return err
			}
			r, err := status.Read(dir)
			if err != nil {
				return err
			}
			if e.json {
				return e.printJSON(struct {
					Schema string `json:"schema"`
					*status.Report
				}{"bpfload/status/v1", r})
			}
			if r.Empty() {
				e.remark("nothing is pinned below %s", plain.Line(dir))
				return nil
			}
			e.showStatus(r)
			return nil
		},
	}
}

// showStatus prints a report, directory by directory.
func (e *env) showStatus(r *status.Report) {
	lines := make(map[string][]string) // by directory
	add := func(pin, format string, args ...any) {
		dir := path.Dir(pin)
		lines[dir] = append(lines[dir], fmt.Sprintf(format, args...))
	}
	for _, p := range r.Programs {
		add(p.Pin, "  program %s: %s, id %d, loaded %s%s", plain.Line(path.Base(p.Pin)), p.Type, p.ID, p.LoadedAt.Format("2006-01-02 15:04:05"), ran(&p, r.Counting))
		if len(p.Attached) == 0 && !isCalled(&p) {
			add(p.Pin, "    not attached by a link pinned here")
		}
		for _, t := range p.Attached {
			add(p.Pin, "    attached to %s", plain.Line(t))
		}
	}
	for _, m := range r.Maps {
		add(m.Pin, "  map %s: %s, id %d, key %d, value %d, %d entries", plain.Line(path.Base(m.Pin)), m.Type, m.ID, m.KeySize, m.ValueSize, m.MaxEntries)
		if m.Attached {
			add(m.Pin, "    registered through a link")
		}
	}
	for _, l := range r.Links {
		add(l.Pin, "  link %s: %s%s", plain.Line(path.Base(l.Pin)), plain.Line(l.Target), prefixed(", hook ", l.Hook)+prefixed(", broken: ", l.Broken))
	}
	dirs := make([]string, 0, len(lines))
	for dir := range lines {
		dirs = append(dirs, dir)
	}
	slices.Sort(dirs)
	for _, dir := range dirs {
		fmt.Fprintf(e.stdout, "%s\n%s\n", plain.Line(dir), strings.Join(lines[dir], "\n"))
	}
	if !r.Counting && len(r.Programs) > 0 {
		e.remark("the kernel does not count how often programs run; to have it do so: sysctl kernel.bpf_stats_enabled=1")
	}
}

// isCalled says whether programs of that type run without a link of their own.
func isCalled(p *status.Program) bool { return p.Type == "struct_ops" || p.Type == "syscall" }

func prefixed(prefix, s string) string {
	if s == "" {
		return ""
	}
	return prefix + s
}

// ran says how often a program ran, if anybody counted.
func ran(p *status.Program, counting bool) string {
	if p.RunCount == 0 && !counting {
		return ""
	}
	s := fmt.Sprintf(", ran %d times", p.RunCount)
	if p.RunCount > 0 {
		each := time.Duration(p.RunSeconds * 1e9 / float64(p.RunCount))
		s += fmt.Sprintf(" for %v each", each)
	}
	return s + missed(p)
}

func missed(p *status.Program) string {
	if p.Missed == 0 {
		return ""
	}
	return fmt.Sprintf(", missed %d", p.Missed)
}
