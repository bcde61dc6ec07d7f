// SPDX-License-Identifier: MIT

package loader

import (
	"context"
	"fmt"
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
	names setNames
	codes []*reloc.Code // by index in Object.Programs, nil for those not loaded
}

// A Step is one operation of a Plan.
type Step struct {
	Op      string `json:"op"` // what is done, such as "create-map"
	Map     string `json:"map,omitempty"`
	Program string `json:"program,omitempty"`
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
	steps := make([]Step, len(p.ops))
	for i, op := range p.ops {
		steps[i] = op.step()
	}
	return steps
}

// String returns the steps, one a line.
func (p *Plan) String() string {
	var b strings.Builder
	for _, op := range p.ops {
		b.WriteString(op.step().String())
		b.WriteByte('\n')
	}
	return b.String()
}

func (p *Plan) add(op operation) { p.ops = append(p.ops, op) }

// Plan links the programs and says what loading the object would do. It needs no
// privileges and changes nothing.
func (o *Object) Plan(opts *LoadOptions) (*Plan, error) {
	p, err := o.plan(opts.withDefaults())
	if err != nil {
		return nil, o.named(classify(err))
	}
	return p, nil
}

// named adds the object's file to an error.
func (o *Object) named(e *Error) *Error {
	if e.Object == "" {
		e.Object = o.File
	}
	return e
}

func (o *Object) plan(opts *LoadOptions) (*Plan, error) {
	if err := opts.check(o); err != nil {
		return nil, err
	}
	p := &Plan{Warnings: o.Warnings[:len(o.Warnings):len(o.Warnings)]}
	if err := p.link(o); err != nil {
		return nil, err
	}
	b := planner{o: o, opts: opts, plan: p}
	if err := b.build(); err != nil {
		return nil, err
	}
	return p, nil
}

// link links the programs that are to be loaded. The error is that of the first in
// file order.
func (p *Plan) link(o *Object) error {
	p.codes = make([]*reloc.Code, len(o.Programs))
	for i, prog := range o.Programs {
		if !prog.Autoload {
			continue
		}
		code, err := o.linkProgram(prog)
		if err != nil {
			return err
		}
		p.Warnings = append(p.Warnings, code.Warnings...)
		p.codes[i] = code
	}
	return nil
}

func (o *Object) linkProgram(prog *spec.Program) (*reloc.Code, error) {
	if prog.Type == 0 {
		return nil, untyped(prog)
	}
	code, err := o.linker.Link(prog)
	if err != nil {
		e := classify(err)
		e.Program, e.Doing = prog.Name, "linking the program"
		return nil, e
	}
	return code, nil
}

// untyped is the error for a program in a section whose name means nothing.
func untyped(p *spec.Program) *Error {
	section := p.Place.Section
	return &Error{Class: ClassObject, Code: "section-unknown", Program: p.Name,
		Err:    fmt.Errorf("section %q says no program type that any loader knows", section),
		Advice: fmt.Sprintf("add --type %s=TYPE, such as --type %s=xdp", p.Section, p.Section)}
}
