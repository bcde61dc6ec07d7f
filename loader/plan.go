// SPDX-License-Identifier: MIT

package loader

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/bpfload/bpfload/reloc"
	"github.com/bpfload/bpfload/spec"
)

// A Plan is what a load will do, in order. It is made without looking at the
// kernel: what depends on that, such as whether a pinned map is there to be
// reused, is said as a choice.
type Plan struct {
	// Warnings is what the object and its programs, once linked, have to remark.
	Warnings []spec.Warning

	ops   []operation
	dir   string // where the object's pins will be, "" for nowhere
	names setNames
	codes []*reloc.Code // by index in Object.Programs, nil for those not loaded
}

// own returns the warnings that come after those of the object.
func (p *Plan) own(o *Object) []spec.Warning {
	return slices.Clone(p.Warnings[min(len(o.Warnings), len(p.Warnings)):])
}

// A Step is one operation of a Plan.
type Step struct {
	Op      string `json:"op"` // what is done, such as "create-map"
	Map     string `json:"map,omitempty"`
	Program string `json:"program,omitempty"`
	Target  string `json:"target,omitempty"` // what a program is attached to
	Path    string `json:"path,omitempty"`
	Detail  string `json:"detail,omitempty"`
}

// String formats the step as one line.
func (s Step) String() string {
	var b strings.Builder
	b.WriteString(s.Op)
	for _, name := range []string{s.Map, s.Program} {
		if name != "" {
			fmt.Fprintf(&b, " %s", printable(name))
		}
	}
	if s.Target != "" {
		fmt.Fprintf(&b, " to %s", printable(s.Target))
	}
	if s.Path != "" {
		fmt.Fprintf(&b, " at %s", printable(s.Path))
	}
	if s.Detail != "" {
		fmt.Fprintf(&b, ": %s", s.Detail)
	}
	return b.String()
}

// printable keeps a name as it is unless a terminal could take it for something
// else.
func printable(name string) string {
	for i := range len(name) {
		if c := name[i]; c <= ' ' || c >= 0x7f || c == '"' {
			return fmt.Sprintf("%q", name)
		}
	}
	return name
}

// An operation is a step that knows how to carry itself out. What it keeps of the
// outcome goes into the load, so that a plan can be carried out twice.
type operation interface {
	step() Step
	run(ctx context.Context, l *load) error
}

// Steps returns the operations in order.
func (p *Plan) Steps() []Step {
	steps := make([]Step, 0, len(p.ops))
	for _, op := range p.ops {
		if several, ok := op.(interface{ steps() []Step }); ok {
			steps = append(steps, several.steps()...)
			continue
		}
		steps = append(steps, op.step())
	}
	return steps
}

// String returns the steps, one a line.
func (p *Plan) String() string {
	var b strings.Builder
	for _, s := range p.Steps() {
		b.WriteString(s.String())
		b.WriteByte('\n')
	}
	return b.String()
}

func (p *Plan) add(op operation) { p.ops = append(p.ops, op) }
