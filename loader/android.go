// SPDX-License-Identifier: MIT

package loader

import (
	"fmt"
	"path"
	"strings"

	"github.com/bpfload/bpfload/legacy"
	"github.com/bpfload/bpfload/spec"
)

// readConditions remarks on what an Android object and its maps ask of Android's
// own loader.
func (o *Object) readConditions() error {
	gates, _, found, err := legacy.ObjectGates(o.file)
	if err != nil {
		return err
	}
	if found {
		o.unheeded(&gates, &spec.Gates{}, spec.Place{}, "")
	}
	o.gates = gates
	for _, m := range o.Maps {
		if m.Legacy != nil && m.Legacy.Gates != nil {
			o.unheeded(m.Legacy.Gates, &o.gates, m.Place, m.Name)
		}
	}
	return nil
}

// unheeded remarks on conditions that only Android's loader could judge.
func (o *Object) unheeded(g, object *spec.Gates, at spec.Place, name string) {
	if list := legacy.Unheeded(g, object); len(list) > 0 {
		o.Warnings = append(o.Warnings, spec.Warning{Code: "android-condition", Section: at.Section, Offset: at.Offset, Symbol: name,
			Message: "made for " + strings.Join(list, ", ") + ": only Android's own loader looks at that"})
	}
}

// readProgramDefs applies what an Android object says of its programs.
func (o *Object) readProgramDefs() error {
	defs, err := legacy.ProgramDefs(o.file)
	if err != nil || len(defs) == 0 {
		return err
	}
	o.programDefs = make(map[string]*legacy.ProgramDef, len(defs))
	for i := range defs {
		o.programDefs[defs[i].Function] = &defs[i]
	}
	used := 0
	for _, p := range o.Programs {
		d := o.programDefs[p.Name]
		if d == nil {
			continue
		}
		used++
		p.Gates = &d.Gates
		if d.Type != 0 {
			p.Type, p.AttachType, p.TypeFrom = d.Type, d.AttachType, "netbpfload"
		}
		p.PinPath = d.PinPath
		o.unheeded(p.Gates, &o.gates, d.Place, p.Name)
	}
	for i := range defs {
		if d := &defs[i]; used < len(defs) && o.Program(d.Function) == nil {
			o.Warnings = append(o.Warnings, spec.Warning{Code: "record-unused", Section: d.Place.Section, Offset: d.Place.Offset, Symbol: d.Function + "_def",
				Message: fmt.Sprintf("no program is called %q: what the record says of it is not used", d.Function)})
		}
	}
	return nil
}

// programPins plans the pins that the object wants for its programs. Every program
// that an Android object has a record of wants one.
func (b *planner) programPins() ([]*pinProgramByName, error) {
	if b.opts.IgnorePins {
		return nil, nil
	}
	var pins []*pinProgramByName
	for i, p := range b.o.Programs {
		def := b.o.programDefs[p.Name]
		if b.plan.codes[i] == nil || def == nil && p.PinPath == "" {
			continue
		}
		op := &pinProgramByName{index: i, name: p.Name, path: p.PinPath}
		if def != nil {
			d := *def
			d.PinPath = p.PinPath // which the caller may have changed
			var err error
			if op.path, err = legacy.ProgramPinPath(d, p.Section, legacy.Roots{BPFFS: b.opts.BPFFS, Object: b.o.Name}); err != nil {
				return nil, &Error{Class: ClassUsage, Code: "pin-path", Program: p.Name, Err: err}
			}
			op.owner = &Owner{int(def.UID), int(def.GID)}
		}
		b.pinIn(path.Dir(op.path))
		pins = append(pins, op)
	}
	return pins, nil
}

// androidProgramMode is what the pins of Android's programs have: nobody writes to
// a program.
const androidProgramMode = 0o440

// ownProgram gives the pin of a program the owner that its record names, unless the
// caller says otherwise.
func (l *load) ownProgram(op *pinProgramByName) error {
	if op.owner != nil {
		if l.opts.Mode.Perm() == 0 {
			if err := l.k.Chmod(op.path, androidProgramMode); err != nil {
				return err
			}
		}
		if l.opts.Owner == nil {
			if err := l.k.Chown(op.path, op.owner.UID, op.owner.GID); err != nil {
				return err
			}
		}
	}
	return l.setOwner(op.path, false)
}

// otherMachine says whether an Android object leaves a map or program out on this
// machine.
func (l *load) otherMachine(g *spec.Gates) (string, bool) {
	if g.Ignore == 0 {
		return "", false
	}
	machine, err := l.facts.Machine()
	if err != nil || !legacy.IgnoredOn(g, machine) {
		return "", false
	}
	return fmt.Sprintf("left out: it is not for %s machines", machine), true
}
