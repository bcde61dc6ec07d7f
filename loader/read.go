// SPDX-License-Identifier: MIT

package loader

import (
	"bytes"
	"errors"
	"maps"
	"slices"

	"github.com/cilium/ebpf"

	"github.com/bpfload/bpfload/btfmaps"
	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/globals"
	"github.com/bpfload/bpfload/rawbtf"
	"github.com/bpfload/bpfload/reloc"
	"github.com/bpfload/bpfload/secdef"
	"github.com/bpfload/bpfload/spec"
	"github.com/bpfload/bpfload/structops"
)

// read fills in the object from the bytes of a file. Every decoder adds to Maps in
// its turn, and the linker sees all of them.
func (o *Object) read(data []byte, opts *Options) error {
	f, err := elf.Parse(data)
	if err != nil {
		return err
	}
	o.file, o.data = f, data
	if err := o.readInfo(); err != nil {
		return err
	}
	if err := o.readTypes(); err != nil {
		return err
	}
	if err := o.readMaps(opts); err != nil {
		return err
	}
	return o.readPrograms(opts)
}

// readInfo reads what concerns the object as a whole.
func (o *Object) readInfo() error {
	if s, ok := o.file.SectionNamed("license"); ok {
		license, _, _ := bytes.Cut(s.Data, []byte{0})
		o.License = string(license)
	}
	if s, ok := o.file.SectionNamed("version"); ok {
		if len(s.Data) != 4 {
			return &elf.Error{Section: s.Name, Err: elf.Malformed("%d bytes, want the 4 of a kernel version", len(s.Data))}
		}
		// 0xFFFFFFFE is gobpf's word for the running kernel.
		if v := o.file.ByteOrder().Uint32(s.Data); v != 0xfffffffe {
			o.KernelVersion = v
		}
	}
	return nil
}

// readTypes reads BTF. An object that can do without it is opened although its BTF
// is not sound, as libbpf and the kernel do it, with a warning.
func (o *Object) readTypes() error {
	s, ok := o.file.SectionNamed(".BTF")
	if !ok || s.Type != elf.SHTProgbits || len(s.Data) == 0 {
		return nil
	}
	types, err := rawbtf.Parse(s.Data, nil)
	if err != nil {
		if o.needsTypes() {
			return err
		}
		o.warn(err, "btf-ignored", "the object's BTF is not sound and is ignored: ")
		return nil
	}
	o.types = types
	s, ok = o.file.SectionNamed(".BTF.ext")
	if !ok || s.Type != elf.SHTProgbits || len(s.Data) == 0 {
		return nil
	}
	if o.ext, err = rawbtf.ParseExt(s.Data, types); err != nil {
		o.ext = nil
		o.warn(err, "btf-ext-ignored", "what .BTF.ext says of lines and relocations is ignored: ")
	}
	return nil
}

// needsTypes says whether the object has definitions that only BTF explains.
func (o *Object) needsTypes() bool {
	for _, name := range []string{".maps", ".struct_ops", ".struct_ops.link", "?.struct_ops", "?.struct_ops.link"} {
		if _, ok := o.file.SectionNamed(name); ok {
			return true
		}
	}
	return false
}

func (o *Object) warn(err error, code, message string) {
	w := spec.Warning{Code: code, Message: message + err.Error()}
	var place *elf.Error
	if errors.As(err, &place) {
		w.Section, w.Offset, w.Symbol, w.Message = place.Section, place.Offset, place.Symbol, message+place.Err.Error()
	}
	o.Warnings = append(o.Warnings, w)
}

func (o *Object) readMaps(opts *Options) error {
	defs, warnings, err := btfmaps.Decode(o.file, o.types, btfmaps.Options{Relaxed: opts.Relaxed})
	if err != nil {
		return err
	}
	o.defs = defs
	o.Warnings = append(o.Warnings, warnings...)
	o.Maps = slices.Grow(o.Maps, len(defs)+8) // a few more than definitions: data sections
	for i := range defs {
		o.Maps = append(o.Maps, defs[i].Map)
	}
	if err := o.readLegacy(opts); err != nil {
		return err
	}
	if err := o.checkArenas(); err != nil {
		return err
	}
	data, vars, warnings, err := globals.Decode(o.file, o.types)
	if err != nil {
		return err
	}
	o.Maps = append(o.Maps, data...)
	o.Variables = vars
	o.Warnings = append(o.Warnings, warnings...)
	kconfig, kvars, err := globals.Kconfig(o.file, o.types)
	if err != nil {
		return err
	}
	if kconfig != nil {
		o.Maps = append(o.Maps, kconfig)
		o.kconfig = kvars
	}
	return o.readStructOps()
}

func (o *Object) readPrograms(opts *Options) error {
	ropts := reloc.Options{Conventions: o.conventions(), Immediates: o.inlineParameters()}
	var err error
	if ropts.Sections, err = overrides(opts); err != nil {
		return err
	}
	if o.linker, err = reloc.New(o.file, o.types, o.ext, o.Maps, ropts); err != nil {
		return err
	}
	o.maps = slices.Clone(o.Maps)
	o.Programs = o.linker.Programs()
	o.Warnings = append(o.Warnings, o.linker.Warnings()...)
	warnings, err := o.linker.ResolveSlots(o.defs)
	if err != nil {
		return err
	}
	o.Warnings = append(o.Warnings, warnings...)
	o.readTailCalls()
	if err := o.readProgramDefs(); err != nil {
		return err
	}
	if len(o.ops) == 0 {
		return nil
	}
	if err := structops.Bind(o.ops, o.Programs); err != nil {
		return err
	}
	structops.Autoload(o.ops)
	return nil
}

// overrides are the sections whose meaning the caller gives.
func overrides(opts *Options) (map[string]secdef.Def, error) {
	if len(opts.Types)+len(opts.Sections) == 0 {
		return nil, nil
	}
	defs := make(map[string]secdef.Def, len(opts.Types)+len(opts.Sections))
	for section, typ := range opts.Types {
		defs[section] = typeDef(section, typ)
	}
	for _, section := range slices.Sorted(maps.Keys(opts.Sections)) {
		d, ok := secdef.Match(opts.Sections[section])
		if !ok {
			return nil, usage("section %q cannot be read as %q: libbpf has no such section name", section, opts.Sections[section])
		}
		defs[section] = d
	}
	return defs, nil
}

// typeDef is what a section means whose type the caller gives: all that its name
// says besides, if that is a name of the type; otherwise what the name of the type
// says, such as the attach type that goes without saying.
func typeDef(section string, typ ebpf.ProgramType) secdef.Def {
	for _, name := range [...]string{section, spec.ProgramTypeName(typ)} {
		if d, ok := secdef.Match(name); ok && d.Type == typ {
			return d
		}
	}
	return secdef.Def{Pattern: section, Type: typ}
}
