// SPDX-License-Identifier: MIT

package legacy

import (
	"fmt"
	"strings"

	"github.com/cilium/ebpf"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/spec"
)

// A ProgramDef is what an Android object says of one program beside its code, in
// the section progs or .android_progs.
type ProgramDef struct {
	Function   string // the function it is about
	Type       ebpf.ProgramType
	AttachType ebpf.AttachType // Type and AttachType are 0 in progs, whose programs have them from their section
	UID, GID   uint32          // owner of the pin
	Gates      spec.Gates
	PinPath    string // absolute, from .android_progs; "" in progs, see ProgramPinPath
	Place      spec.Place
}

// minProgDef is the size of bpf_prog_def in version 0.0 of bpfloader, which did
// not write it down.
const minProgDef = 20

// progsLayout is bpf_prog_def: 20 bytes in version 0.0 of bpfloader, 28 in 0.1,
// 92 since 0.18.
var progsLayout = sequence(u32(fieldUID, fieldGID, fieldMinKernel, fieldMaxKernel),
	bytesOf(fieldOptional, 1), bytesOf(fieldIgnore, 1), pad(2),
	u32(fieldMinLoader, fieldMaxLoader), bytesOf(fieldSELinux, 32), bytesOf(fieldSubdir, 32))

// ProgramDefs returns the records of the sections progs and .android_progs in
// file order. Objects not made for Android have none.
func ProgramDefs(f *elf.File) ([]ProgramDef, error) {
	var defs []ProgramDef
	for i := 1; i < f.NumSections(); i++ {
		name := f.SectionName(i)
		if name != progsName && name != androidProgsName || !holdsRecords(f.Section(i)) {
			continue
		}
		o := newObject(f, "program")
		l := &netProgsLayout
		o.stride, o.strideFrom = uint64(l.size), name
		if name == progsName {
			l = &progsLayout
			o.stride = minProgDef
			if s, ok := f.SectionNamed(sizeOfProgDef); ok {
				if err := o.setStride(s.Index); err != nil {
					return nil, err
				}
			}
		}
		if err := o.name(f.Section(i)); err != nil {
			return nil, err
		}
		for j := range o.defs {
			d := &o.defs[j]
			d.layout = l
			if d.static {
				return nil, d.failStatic()
			}
			def, err := record{d}.programDef()
			if err != nil {
				return nil, err
			}
			defs = append(defs, def)
		}
	}
	return defs, nil
}

// programDef reads a record of either section.
func (r record) programDef() (ProgramDef, error) {
	function, ok := strings.CutSuffix(r.name, "_def")
	if !ok {
		return ProgramDef{}, r.fail(0, elf.Malformed("the record of function F is called F_def"))
	}
	def := ProgramDef{
		Function:   function,
		Type:       ebpf.ProgramType(r.u32(fieldProgramType)),
		AttachType: ebpf.AttachType(r.u32(fieldAttachType)),
		UID:        r.u32(fieldUID),
		GID:        r.u32(fieldGID),
		Gates:      r.gates(),
		Place:      r.place,
	}
	if r.layout == &netProgsLayout {
		var err error
		def.PinPath, err = r.location(&def.Gates)
		return def, err
	}
	return def, nil
}

// ProgramPinPath returns where Android's loader pins the program of a section:
// $ and what follows it in the section name are left out, so that of several
// variants for different kernels one takes the place.
func ProgramPinPath(def ProgramDef, section string, roots Roots) (string, error) {
	if def.PinPath != "" {
		return roots.rebase(def.PinPath)
	}
	object := objectName(roots.Object)
	if object == "" {
		return "", fmt.Errorf("program %q: %w: its name is part of the pin's", def.Function, ErrNeedsObject)
	}
	if i := strings.LastIndexByte(section, '$'); i >= 0 {
		section = section[:i]
	}
	return roots.join(roots.bpffs(), androidDir(def.Gates, roots), "prog_"+object+"_"+strings.ReplaceAll(section, "/", "_"))
}

// ObjectGates returns what an Android object says of itself as a whole: the
// versions of bpfloader that are to load it, and whether, and why, its failure to
// load is critical. found is false for other objects.
func ObjectGates(f *elf.File) (gates spec.Gates, critical string, found bool, err error) {
	o := newObject(f, "map")
	gates.MaxLoader = defaultMaxLoader
	for i := 1; i < f.NumSections(); i++ {
		name := f.SectionName(i)
		if !isAndroidMarker(name) && name != criticalName || f.Section(i).Code() {
			continue
		}
		found = true
		var n uint64
		switch name {
		case minLoaderName:
			n, err = o.sectionUint(i)
			gates.MinLoader = uint32(n)
		case maxLoaderName:
			n, err = o.sectionUint(i)
			gates.MaxLoader = uint32(n)
		case criticalName:
			critical, _, _ = strings.Cut(string(f.Section(i).Data), "\x00")
		}
		if err != nil {
			return spec.Gates{}, "", false, err
		}
	}
	if !found {
		return spec.Gates{}, "", false, nil
	}
	return gates, critical, true, nil
}
