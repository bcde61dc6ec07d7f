// SPDX-License-Identifier: MIT

package attach

import (
	"context"
	"fmt"
	"slices"

	"github.com/cilium/ebpf"

	"github.com/bpfload/bpfload/internal/near"
	"github.com/bpfload/bpfload/loader"
	"github.com/bpfload/bpfload/spec"
)

// Options say what a load attaches.
type Options struct {
	// Sections attaches every program whose section names a place, unless
	// Requests name the program. Programs whose section names none stay
	// unattached, with a warning.
	Sections bool
	// Requests attach programs to places given by hand. Several may name one
	// program.
	Requests []Request
}

// A Request attaches one program.
type Request struct {
	Program string
	// Target is where to; the zero Target stands for what the section names.
	Target Target
}

// Check refuses requests for programs that the objects do not have or that would not
// be loaded, and targets that do not fit their programs, all without the kernel.
func (o *Options) Check(objects []*loader.Object) error {
	for _, r := range o.Requests {
		var names []string
		var found *spec.Program
		for _, obj := range objects {
			for _, p := range obj.Programs {
				names = append(names, p.Name)
				if p.Name == r.Program && found == nil {
					found = p
				}
			}
		}
		switch {
		case found == nil:
			e := usage("there is no program %q to attach", r.Program)
			if n := near.Best(r.Program, names); n != "" {
				e.Advice = fmt.Sprintf("did you mean %q", n)
			}
			return e
		case !found.Autoload:
			e := usage("program %q is to be attached, and not to be loaded", r.Program)
			e.Advice = "add --only " + r.Program
			return e
		}
	}
	for _, obj := range objects {
		for _, p := range obj.Programs {
			if !p.Autoload {
				continue
			}
			targets, err := o.targets(p, false)
			if err != nil {
				return err
			}
			for _, t := range targets {
				if err := t.kind.accepts(p.Type); err != nil {
					return t.fail(&Program{Name: p.Name}, err)
				}
			}
		}
	}
	return nil
}

// Func returns what [loader.LoadOptions] calls to attach programs. Programs that a
// link of a replaced set keeps attached are left to it, unless a request names
// another place for them.
func (o *Options) Func() func(context.Context, *loader.Loaded) ([]loader.Link, error) {
	return func(ctx context.Context, l *loader.Loaded) ([]loader.Link, error) {
		s := session{opts: o, loaded: l}
		for _, p := range l.Programs {
			if err := ctx.Err(); err != nil {
				return s.links, err
			}
			if err := s.program(p); err != nil {
				return s.links, err
			}
		}
		return s.links, s.finish()
	}
}

// A session attaches the programs of one object.
type session struct {
	opts    *Options
	loaded  *loader.Loaded
	links   []loader.Link
	count   int           // of programs that are attached
	without *spec.Program // the first whose section names no place
}

// program attaches one program wherever it is to be.
func (s *session) program(p *loader.LoadedProgram) error {
	targets, err := s.opts.targets(p.Spec, p.Attached)
	if err != nil {
		return err
	}
	if len(targets) == 0 && s.opts.Sections && !p.Attached && !called(p.Spec, s.loaded) {
		s.leave(p.Spec)
	}
	if p.Attached || len(targets) > 0 {
		s.count++
	}
	if len(targets) == 0 {
		return nil
	}
	prog, err := p.Program()
	if err != nil {
		return err
	}
	held := s.held(p)
	for _, t := range targets {
		if slices.Contains(held, t.key()) {
			continue
		}
		links, err := t.Attach(&Program{Program: prog, Name: p.Spec.Name, Spec: p.Spec, Map: s.findMap})
		if err != nil {
			return err
		}
		for _, l := range links {
			s.links = append(s.links, loader.Link{Name: p.Spec.Name, Attachment: l})
		}
	}
	return nil
}

func (s *session) findMap(name string) (*ebpf.Map, error) {
	for _, m := range s.loaded.Maps {
		if m.Spec.Name == name {
			return m.Map()
		}
	}
	return nil, notFound("the object has no map %q", name)
}

// targets lists where a program is to be attached, given whether a link of the
// replaced set keeps it attached.
func (o *Options) targets(p *spec.Program, attached bool) ([]Target, error) {
	var list []Target
	for _, r := range o.Requests {
		if r.Program != p.Name {
			continue
		}
		t := r.Target
		if t.attach == nil {
			var ok bool
			var err error
			if t, ok, err = SectionTarget(p); err != nil || !ok {
				return nil, sectionError(p, err)
			}
		}
		list = append(list, t)
	}
	if len(list) > 0 || !o.Sections || attached {
		return list, nil
	}
	t, ok, err := SectionTarget(p)
	if err != nil {
		return nil, sectionError(p, err)
	}
	if ok {
		list = append(list, t)
	}
	return list, nil
}

// Steps says what a load of the object would attach, for its plan.
func (o *Options) Steps(obj *loader.Object) []loader.Step {
	var steps []loader.Step
	for _, p := range obj.Programs {
		if !p.Autoload {
			continue
		}
		targets, _ := o.targets(p, false) // Check has seen the errors
		for _, t := range targets {
			steps = append(steps, loader.Step{Op: "attach", Program: p.Name, Target: t.String()})
		}
	}
	if len(steps) == 0 {
		steps = append(steps, loader.Step{Op: "attach", Detail: "no program: no section says where to"})
	}
	return steps
}

// leave notes a program that stays unattached.
func (s *session) leave(p *spec.Program) {
	if s.without == nil {
		s.without = p
	}
	s.loaded.Warnings = append(s.loaded.Warnings, spec.Warning{Code: "not-attached", Section: p.Place.Section, Offset: p.Place.Offset, Symbol: p.Name,
		Message: fmt.Sprintf("section %q does not say where to attach the program; it is loaded and not attached (%s)", p.Section, example(p))})
}

// finish makes it an error if nothing was attached that could be.
func (s *session) finish() error {
	if s.count > 0 || s.without == nil || slices.ContainsFunc(s.loaded.Maps, isStructOps) {
		return nil
	}
	return sectionError(s.without, nil)
}

func isStructOps(m *loader.LoadedMap) bool { return m.Spec.Origin == spec.OriginStructOps }

// called says whether a program is there to be called by others, through a map or a
// struct_ops table.
func called(p *spec.Program, l *loader.Loaded) bool {
	if p.TailCall != nil || p.Type == ebpf.StructOps {
		return true
	}
	switch p.AttachType {
	case ebpf.AttachXDPDevMap, ebpf.AttachXDPCPUMap:
		return true
	}
	for _, m := range l.Maps {
		for _, v := range m.Spec.Values {
			if v.Program == p.Name {
				return true
			}
		}
	}
	return false
}

// sectionError is the error for a program whose section does not say where it is to be
// attached, or says so in a way that cannot be read.
func sectionError(p *spec.Program, err error) error {
	e := usage("section %q does not say where to attach it", p.Section)
	if err != nil {
		e = usage("section %q: %w", p.Section, err)
	}
	e.Program, e.Advice = p.Name, example(p)
	return e
}

// example shows how to say it by hand.
func example(p *spec.Program) string {
	if fit := kindsFor(p.Type); len(fit) > 0 {
		return fmt.Sprintf("add --attach=%s=%s", p.Name, fit[0])
	}
	if why := unattachable(p.Type); why != "" {
		return why
	}
	return "such programs have no place to be attached to"
}

// held returns the places where links of the replaced set keep a program attached.
func (s *session) held(p *loader.LoadedProgram) []string {
	var keys []string
	if !p.Attached {
		return nil
	}
	for _, l := range s.loaded.Links {
		if l.Name == p.Spec.Name {
			if key := linkKey(l.Attachment); key != "" {
				keys = append(keys, key)
			}
		}
	}
	return keys
}
