// SPDX-License-Identifier: MIT

package loader

import (
	"fmt"
	"path"
	"slices"

	"github.com/bpfload/bpfload/legacy"
	"github.com/bpfload/bpfload/spec"
)

// A planner puts together the operations of one load.
type planner struct {
	o    *Object
	opts *LoadOptions
	plan *Plan

	// linkFailed, where set, is told of programs that cannot be linked, which are
	// then left out.
	linkFailed func(program int, err error)

	first, last bool     // of the objects that are loaded together
	dir, sub    string   // where the object's pins will be, and that below PinDir
	named       []string // directories of pins by name, in order
	programs    nameIndex
}

func (b *planner) build() error {
	if err := b.o.checkCode(); err != nil {
		return err
	}
	if !slices.Equal(b.o.Maps, b.o.maps) {
		return usage("maps were added to the object, removed or put into another order; set NoCreate to leave one out")
	}
	if err := b.link(); err != nil {
		return err
	}
	b.plan.names, b.plan.dir = b.o.setNames(), b.dir
	maps, err := b.createMaps()
	if err != nil {
		return err
	}
	programPins, err := b.programPins()
	if err != nil {
		return err
	}
	b.directories(maps)
	if n := b.needs(); n.any() {
		b.plan.add(&resolveKernel{n})
	}
	if b.o.types != nil {
		b.plan.add(&loadBTF{size: len(b.o.types.Raw())})
	}
	for _, m := range maps {
		b.plan.add(m)
	}
	for i := range b.plan.codes {
		b.jumpTables(i)
	}
	for _, m := range maps {
		b.contents(m)
	}
	for i, code := range b.plan.codes {
		if code != nil {
			b.plan.add(&loadProgram{index: i, spec: b.o.Programs[i], code: code, optional: b.optional(b.o.Programs[i])})
		}
	}
	b.bindings(maps)
	b.programSlots()
	b.stagedPins(maps)
	b.pinsByName(maps, programPins)
	b.attach(maps)
	if b.last && b.opts.PinDir != "" {
		b.plan.add(&publish{dir: b.opts.PinDir, replace: b.opts.Replace})
	}
	return nil
}

// optional says whether a program may fail: the caller says so, or an Android object.
func (b *planner) optional(p *spec.Program) bool {
	return p.Gates != nil && p.Gates.Optional || slices.Contains(b.opts.Optional, p.Name)
}

// createMaps plans the creation of every map. Maps of maps come last, so that a map that
// goes into one can serve as its template.
func (b *planner) createMaps() ([]*createMap, error) {
	var plain, outer []*createMap
	for i, m := range b.o.Maps {
		if m.NoCreate || m.Origin == spec.OriginArena {
			continue
		}
		op := &createMap{index: i, spec: m, name: b.o.kernelName(m), given: b.opts.Maps[m.Name], from: b.opts.MapPins[m.Name]}
		if err := b.namePin(op); err != nil {
			return nil, err
		}
		if m.Inner != nil {
			outer = append(outer, op)
		} else {
			plain = append(plain, op)
		}
	}
	return append(plain, outer...), nil
}

// namePin finds out where the object itself wants a map to be pinned.
func (b *planner) namePin(op *createMap) error {
	m := op.spec
	if b.opts.IgnorePins || op.given != nil || op.from != "" {
		return nil
	}
	p, err := b.legacyPinPath(m)
	if err != nil || p == "" {
		return err
	}
	op.pin = p
	op.replaces = m.Pinning == spec.PinReplace || legacy.Replaces(m)
	b.pinIn(path.Dir(p))
	return nil
}

// pinIn notes a directory for pins that the object itself asks for.
func (b *planner) pinIn(dir string) {
	if !slices.Contains(b.named, dir) {
		b.named = append(b.named, dir)
	}
}

// directories plans what is done about pins before anything is created.
func (b *planner) directories(maps []*createMap) {
	slices.Sort(b.named) // the order in which all loads take the locks
	for _, dir := range b.named {
		b.plan.add(&lockDir{dir: dir})
	}
	if b.opts.PinDir == "" {
		return
	}
	if b.first {
		b.plan.add(&stagePins{dir: b.opts.PinDir, replace: b.opts.Replace})
	}
	if b.sub != "" {
		b.plan.add(&makeDir{dir: b.dir, name: b.sub})
	}
}

// contents plans what is written into a map before programs are loaded.
func (b *planner) contents(op *createMap) {
	m := op.spec
	switch {
	case m.Origin == spec.OriginKconfig:
		b.plan.add(&writeKconfig{op})
	case m.Origin == spec.OriginData:
		if data := b.o.contents(m); !zero(data) {
			b.plan.add(&writeData{op, data})
		}
	case m.Inner != nil && len(m.Values) > 0:
		b.plan.add(&fillMaps{op})
	}
	if m.Frozen {
		b.plan.add(&freezeMap{op})
	}
}

// programSlots plans the slots of prog arrays and of maps that name programs: those
// that a definition lists, and those that sections or tags of programs name.
func (b *planner) programSlots() {
	for i, m := range b.o.Maps {
		for _, v := range m.Values {
			if v.Program == "" {
				continue
			}
			if p, ok := b.programs.find(len(b.o.Programs), func(i int) string { return b.o.Programs[i].Name }, v.Program); ok {
				b.slot(i, v.Index, p)
			}
		}
	}
	for p, prog := range b.o.Programs {
		if prog.TailCall == nil {
			continue
		}
		m := b.o.tailCallMap(prog.TailCall)
		if m == nil {
			b.warn("tail-call-map", prog, fmt.Sprintf("no prog array of the object is meant by its place %d in one; the program is loaded but nothing calls it", prog.TailCall.Index))
			continue
		}
		b.slot(slices.Index(b.o.Maps, m), prog.TailCall.Index, p)
	}
}

func (b *planner) slot(m int, index uint32, p int) {
	prog := b.o.Programs[p]
	if b.plan.codes[p] == nil && b.o.Maps[m].NoCreate {
		return
	}
	if b.plan.codes[p] == nil {
		b.warn("slot-left-empty", prog, fmt.Sprintf("slot %d of map %q stays empty, since the program is not to be loaded", index, b.o.Maps[m].Name))
		return
	}
	b.plan.add(&setProgram{mapIndex: m, m: b.o.Maps[m], slot: index, program: p, name: prog.Name})
}

func (b *planner) warn(code string, p *spec.Program, message string) {
	b.plan.Warnings = append(b.plan.Warnings, spec.Warning{Code: code, Section: p.Place.Section, Offset: p.Place.Offset, Symbol: p.Name, Message: message})
}

// stagedPins plans the set of pins, which nobody can see yet.
func (b *planner) stagedPins(maps []*createMap) {
	if b.opts.PinDir == "" {
		return
	}
	for i, code := range b.plan.codes {
		if code != nil {
			b.plan.add(&pinProgram{index: i, name: b.o.Programs[i].Name, path: b.pinPath(b.plan.names.programs[i])})
		}
	}
	for _, m := range maps {
		b.plan.add(&pinMap{m, b.pinPath(b.plan.names.maps[m.index])})
	}
}

func (b *planner) pinPath(name string) pinPath {
	return pinPath{final: path.Join(b.dir, name), staged: path.Join(b.sub, name)}
}

// pinsByName plans the pins that the object itself asks for.
func (b *planner) pinsByName(maps []*createMap, programs []*pinProgramByName) {
	for _, m := range maps {
		if m.pin != "" {
			b.plan.add(&pinByName{m})
		}
	}
	for _, op := range programs {
		b.plan.add(op)
	}
}

// attach plans what makes the kernel use what was loaded.
func (b *planner) attach(maps []*createMap) {
	if b.opts.Replace {
		b.plan.add(&carryLinks{b.dir, b.sub})
	}
	for _, m := range maps {
		if m.spec.Origin == spec.OriginStructOps && (b.opts.Attach != nil || b.opts.Replace) {
			b.plan.add(&registerOps{m})
		}
	}
	if b.opts.Attach != nil {
		op := &attachAll{}
		if b.opts.AttachSteps != nil {
			op.list = b.opts.AttachSteps(b.o)
		}
		b.plan.add(op)
	}
	if b.opts.PinDir != "" && (b.opts.Replace || b.opts.Attach != nil) {
		b.plan.add(&pinLinks{b.dir, b.sub})
	}
}
