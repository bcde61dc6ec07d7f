// SPDX-License-Identifier: MIT

package kernel

import (
	"errors"
	"fmt"
	"io/fs"
	"sync"

	"github.com/bpfload/bpfload/rawbtf"
)

// Types finds types of a kernel by name. A search walks all types once for all
// names that were announced by Want; what was found or missed is remembered. The
// modules' types are read only when the kernel itself has not what is looked for.
type Types struct {
	mu      sync.Mutex
	vmlinux index
	missed  []want // by vmlinux, and not yet wanted of the modules

	readModules func(base *rawbtf.Spec) ([]Module, []error)
	modulesRead bool
	modules     []moduleIndex
	warnings    []error
}

// A Module is a kernel module's name and its own types.
type Module struct {
	Name  string
	Types *rawbtf.Spec
}

type moduleIndex struct {
	index
	name string
}

// NewTypes returns the index over recorded types.
func NewTypes(vmlinux *rawbtf.Spec, modules ...Module) *Types {
	t := &Types{modulesRead: true}
	t.vmlinux.spec = vmlinux
	t.addModules(modules)
	return t
}

func (t *Types) addModules(modules []Module) {
	for _, m := range modules {
		t.modules = append(t.modules, moduleIndex{index{spec: m.Types}, m.Name})
	}
}

// readTypes is for types that a user gave: without modules, like libbpf's
// btf_custom_path.
func readTypes(data []byte) (*Types, error) {
	if isELF(data) {
		var err error
		if data, err = btfSection(data); err != nil {
			return nil, err
		}
	}
	spec, err := rawbtf.Parse(data, nil)
	if err != nil {
		return nil, err
	}
	return NewTypes(spec), nil
}

// Places of the running kernel's BTF.
const (
	btfDir      = "sys/kernel/btf"
	vmlinuxName = "vmlinux"
)

func runningTypes(fsys fs.FS) (*Types, error) {
	data, err := contents(fsys, btfDir+"/"+vmlinuxName)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNoBTF
	}
	if err != nil {
		return nil, fmt.Errorf("kernel BTF: %w", err)
	}
	t := &Types{readModules: func(base *rawbtf.Spec) ([]Module, []error) { return readModules(fsys, base) }}
	t.vmlinux.data = data
	return t, nil
}

// readModules skips, with a warning, a module that cannot be read: it is no
// concern of an object that does not need it.
func readModules(fsys fs.FS, base *rawbtf.Spec) (modules []Module, warnings []error) {
	entries, err := fs.ReadDir(fsys, btfDir)
	if err != nil {
		return nil, []error{fmt.Errorf("BTF of modules: %w", err)}
	}
	for _, e := range entries {
		name := e.Name()
		if name == vmlinuxName {
			continue
		}
		data, err := contents(fsys, btfDir+"/"+name)
		if err == nil {
			var spec *rawbtf.Spec
			if spec, err = rawbtf.ParseTrusted(data, base); err == nil {
				modules = append(modules, Module{name, spec})
				continue
			}
		}
		warnings = append(warnings, fmt.Errorf("BTF of module %s: %w", name, err))
	}
	return modules, warnings
}

// Want announces that types of these kinds will be looked for under this name.
func (t *Types) Want(kinds rawbtf.KindSet, name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.vmlinux.want(kinds, rawbtf.EssentialName(name))
}

// Find returns the types of one of the kinds that have the essential part of name,
// in the order of their ids: the kernel's or, if it has none, those of all modules.
func (t *Types) Find(kinds rawbtf.KindSet, name string) ([]rawbtf.Type, error) {
	found := t.find(kinds, name, func(rawbtf.Type) bool { return true })
	return found, t.Err()
}

// Err says what was wrong with the kernel's BTF, if anything; it is parsed with the
// first search.
func (t *Types) Err() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.vmlinux.err != nil {
		return fmt.Errorf("/%s/%s: %w", btfDir, vmlinuxName, t.vmlinux.err)
	}
	return nil
}

// Exact returns the first type of the kind with exactly that name and the module
// that has it, "" for the kernel itself; false if there is none.
func (t *Types) Exact(kind rawbtf.Kind, name string) (typ rawbtf.Type, module string, ok bool) {
	found := t.find(rawbtf.Kinds(kind), name, func(typ rawbtf.Type) bool { return typ.Name() == name })
	if len(found) == 0 {
		return rawbtf.Type{}, "", false
	}
	return found[0], t.ModuleOf(found[0]), true
}

// ExactIn is Exact for one module, or for "vmlinux".
func (t *Types) ExactIn(module string, kind rawbtf.Kind, name string) (rawbtf.Type, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	ix := &t.vmlinux
	if module != vmlinuxName {
		if ix = t.module(module); ix == nil {
			return rawbtf.Type{}, false
		}
	}
	for _, typ := range ix.find(rawbtf.Kinds(kind), rawbtf.EssentialName(name)) {
		if typ.Kind == kind && typ.Name() == name {
			return typ, true
		}
	}
	return rawbtf.Type{}, false
}

// HasModule says whether the types of a module of that name are known.
func (t *Types) HasModule(name string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return name == vmlinuxName || t.module(name) != nil
}

func (t *Types) module(name string) *index {
	t.needModules()
	for i := range t.modules {
		if t.modules[i].name == name {
			return &t.modules[i].index
		}
	}
	return nil
}

func (t *Types) find(kinds rawbtf.KindSet, name string, ok func(rawbtf.Type) bool) []rawbtf.Type {
	t.mu.Lock()
	defer t.mu.Unlock()
	keep := func(found, types []rawbtf.Type) []rawbtf.Type {
		for _, typ := range types {
			if kinds.Has(typ.Kind) && ok(typ) {
				found = append(found, typ)
			}
		}
		return found
	}
	name = rawbtf.EssentialName(name)
	found := keep(nil, t.vmlinux.find(kinds, name))
	t.missed = append(t.missed, t.vmlinux.takeMissed()...)
	if found != nil {
		return found
	}
	t.needModules()
	for i := range t.modules {
		m := &t.modules[i]
		for _, w := range t.missed {
			m.want(w.kinds, w.name)
		}
		found = keep(found, m.find(kinds, name))
	}
	t.missed = t.missed[:0]
	return found
}

func (t *Types) needModules() {
	if t.modulesRead {
		return
	}
	t.modulesRead = true
	modules, warnings := t.readModules(t.vmlinux.types())
	t.addModules(modules)
	t.warnings = warnings
}

// ModuleOf returns the name of the module that has a type, "" for the kernel's own.
func (t *Types) ModuleOf(typ rawbtf.Type) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i := range t.modules {
		if t.modules[i].spec == typ.Spec() {
			return t.modules[i].name
		}
	}
	return ""
}

// Names yields the names of all types of the kinds, for proposing one to a user:
// those of the kernel and of the modules read so far.
func (t *Types) Names(kinds rawbtf.KindSet, yield func(string) bool) {
	t.mu.Lock()
	specs := []*rawbtf.Spec{t.vmlinux.types()}
	for i := range t.modules {
		specs = append(specs, t.modules[i].spec)
	}
	t.mu.Unlock()
	for _, spec := range specs {
		for name := range func(yield func(string) bool) { spec.Names(kinds, yield) } {
			if !yield(name) {
				return
			}
		}
	}
}

// NamesIn is Names for one module, or for "vmlinux".
func (t *Types) NamesIn(module string, kinds rawbtf.KindSet, yield func(string) bool) {
	t.mu.Lock()
	ix := &t.vmlinux
	if module != vmlinuxName {
		ix = t.module(module)
	}
	var spec *rawbtf.Spec
	if ix != nil {
		spec = ix.types()
	}
	t.mu.Unlock()
	if spec != nil {
		spec.Names(kinds, yield)
	}
}

// ModuleNames yields the names of the modules whose types are known.
func (t *Types) ModuleNames(yield func(string) bool) {
	t.mu.Lock()
	t.needModules()
	modules := t.modules
	t.mu.Unlock()
	for i := range modules {
		if !yield(modules[i].name) {
			return
		}
	}
}

// Vmlinux returns the types of the kernel itself.
func (t *Types) Vmlinux() *rawbtf.Spec {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.vmlinux.types()
}

// Warnings returns what was wrong with the types of modules, if they had to be
// read.
func (t *Types) Warnings() []error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.warnings
}
