// SPDX-License-Identifier: MIT

package loader

import (
	"context"
	"path"
	"slices"

	"github.com/bpfload/bpfload/elf"
)

// Load creates what the object describes. It either does all of it or leaves the
// system as it was. Errors are *[Error] values.
func (o *Object) Load(ctx context.Context, opts *LoadOptions) (*Loaded, error) {
	all, err := LoadAll(ctx, []*Object{o}, opts)
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// LoadAll loads several objects as one: all of them or none. With more than one,
// each has a directory of its own below PinDir, named like the object.
func LoadAll(ctx context.Context, objects []*Object, opts *LoadOptions) ([]*Loaded, error) {
	s := set{objects: objects, opts: opts.withDefaults()}
	for again := true; ; again = false {
		loads, err := s.try(ctx)
		if err == nil {
			out := make([]*Loaded, len(loads))
			for i, l := range loads {
				out[i] = l.loaded()
			}
			return out, nil
		}
		// Another program, not of ours, pinned a map under the same name in
		// the middle of it: once more, with that map.
		if e := classify(err); e.Code != "pin-raced" || !again {
			return nil, e
		}
	}
}

// Plan links the programs and says what loading the object would do. It needs no
// privileges and changes nothing.
func (o *Object) Plan(opts *LoadOptions) (*Plan, error) {
	plans, err := PlanAll([]*Object{o}, opts)
	if err != nil {
		return nil, err
	}
	return plans[0], nil
}

// PlanAll is [Object.Plan] for what [LoadAll] would do, a plan for each object.
func PlanAll(objects []*Object, opts *LoadOptions) ([]*Plan, error) {
	s := set{objects: objects, opts: opts.withDefaults()}
	plans, err := s.plan()
	if err != nil {
		return nil, classify(err)
	}
	return plans, nil
}

// A set is what is loaded, and becomes visible, together.
type set struct {
	objects []*Object
	opts    *LoadOptions
}

func (s *set) plan() ([]*Plan, error) {
	if err := s.opts.check(s.objects); err != nil {
		return nil, err
	}
	names := pinNames{}
	plans := make([]*Plan, len(s.objects))
	for i, o := range s.objects {
		b := planner{o: o, opts: s.opts, plan: &Plan{Warnings: slices.Clip(o.Warnings)}, first: i == 0, last: i == len(s.objects)-1, dir: s.opts.PinDir}
		if len(s.objects) > 1 && b.dir != "" {
			b.sub = names.pick(o.baseName())
			b.dir = path.Join(b.dir, b.sub)
		}
		if err := b.build(); err != nil {
			return nil, o.named(classify(err))
		}
		plans[i] = b.plan
	}
	return plans, nil
}

// try carries out the plans of all objects, or undoes what it did of them.
func (s *set) try(ctx context.Context) ([]*load, error) {
	plans, err := s.plan()
	if err != nil {
		return nil, err
	}
	loads := make([]*load, 0, len(plans))
	for i, p := range plans {
		l := newLoad(s.objects[i], s.opts, p)
		if i > 0 {
			l.staging, l.locks = loads[0].staging, loads[0].locks
		}
		loads = append(loads, l)
		if err = l.run(ctx); err != nil {
			err = l.o.named(classify(err))
			break
		}
	}
	for _, l := range slices.Backward(loads) {
		if err != nil {
			l.rollback()
		} else {
			l.finish()
		}
	}
	return loads, err
}

// named adds the object's file to an error.
func (o *Object) named(e *Error) *Error {
	if e.Object == "" {
		e.Object = o.File
	}
	return e
}

// checkCode refuses an object that has code and no program: loading it would be a
// success without effect. A struct_ops variable has one without programs, too.
func (o *Object) checkCode() error {
	if len(o.Programs) > 0 || len(o.ops) > 0 {
		return nil
	}
	for i := 1; i < o.file.NumSections(); i++ {
		if s := o.file.Section(i); s.Code() && s.Size > 0 {
			return &Error{Class: ClassObject, Code: "no-programs", Err: &elf.Error{Section: s.Name, Err: elf.Unsupported("there is code, but nothing in the object is a program")},
				Advice: "add --type " + s.Name + "=TYPE, such as --type " + s.Name + "=socket_filter"}
		}
	}
	return nil
}
