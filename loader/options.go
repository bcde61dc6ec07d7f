// SPDX-License-Identifier: MIT

package loader

import (
	"context"
	"os"
	"path"
	"slices"

	"github.com/cilium/ebpf"

	"github.com/bpfload/bpfload/internal/bpffs"
	"github.com/bpfload/bpfload/internal/kernel"
	"github.com/bpfload/bpfload/internal/sys"
)

// LoadOptions say how an object is loaded. The zero value creates maps and
// programs, honours the pins that the object itself asks for, and leaves the rest
// to the caller as descriptors.
type LoadOptions struct {
	// PinDir is where all maps and programs are pinned, "" for nowhere. It
	// must not exist unless Replace is set, and appears in one step.
	PinDir string
	// Replace puts the new set into the place of the one that PinDir holds.
	// Links that are pinned there go on with the new programs.
	Replace bool
	// Reuse says what becomes of maps that are pinned already.
	Reuse Reuse
	// BPFFS is the directory below which maps are pinned that ask for it by
	// name; "" means /sys/fs/bpf.
	BPFFS string
	// IgnorePins makes the loader forget the pins that the object asks for.
	IgnorePins bool
	// Mode is the permissions of pins, 0 for the kernel's default of 0600;
	// their directory gets the execute bits that match.
	Mode os.FileMode
	// Owner changes the owner of pins. Their directory stays ours, gets the owner's
	// group, and lets the owner pass.
	Owner *Owner

	// Maps takes maps that exist in the place of the object's, by name.
	Maps map[string]*ebpf.Map
	// MapPins does the same with the paths of pinned maps.
	MapPins map[string]string
	// Targets are the programs that programs of type "ext" replace a function
	// of, or that tracing programs are attached to, by the name of the
	// object's program.
	Targets map[string]*ebpf.Program
	// Optional names programs that may fail to load: that is a warning, and
	// their slots stay empty.
	Optional []string

	// KernelBTF is BTF of the running kernel for one that has none: raw, or
	// an ELF file.
	KernelBTF []byte
	// Kconfig is text in the form of a kernel's .config, consulted before the
	// kernel's own.
	Kconfig []byte
	// TokenFrom is a bpffs with delegation, from which a token is taken.
	TokenFrom string

	// Attach, where set, is called when all programs are loaded and before
	// anything can be seen; it attaches what the caller wants attached. The links
	// it returns are pinned with the set, beside their programs, and belong to the
	// Loaded; those that are there when it is called were taken over from the set
	// that is replaced. If it fails, so does the load. Struct_ops variables are registered
	// before it is called, and only if it is set.
	Attach func(ctx context.Context, l *Loaded) ([]Link, error)
	// AttachSteps, where set, says for the plan what Attach will do.
	AttachSteps func(o *Object) []Step

	// Workers bounds how many programs are verified at once; 0 means as many
	// as there are CPUs.
	Workers int

	kernel sys.Kernel     // for tests; nil is the running one
	facts  *kernel.Kernel // the same
	ids    *kernel.Kernel // the same, without what the caller gave
}

// An Owner is a user and group.
type Owner struct{ UID, GID int }

// A Reuse says what becomes of maps that are pinned already: under the name that
// the object gives, or in the set that is replaced.
type Reuse uint8

// The kinds of reuse.
const (
	// ReuseNamed uses maps that the object pins by name, if they are
	// compatible; an incompatible one is an error. It is the default.
	ReuseNamed Reuse = iota
	// ReuseNever makes any pin in the way an error.
	ReuseNever
	// ReuseCompatible is ReuseNamed and also carries over maps of the replaced
	// set whose definition did not change.
	ReuseCompatible
	// ReuseRequire makes it an error if a map that would be pinned is not
	// there already.
	ReuseRequire
)

func (o *LoadOptions) withDefaults() *LoadOptions {
	var opts LoadOptions
	if o != nil {
		opts = *o
	}
	if opts.BPFFS == "" {
		opts.BPFFS = bpffs.DefaultRoot
	}
	if opts.kernel == nil {
		opts.kernel = sys.Host{}
	}
	if opts.ids == nil {
		opts.ids = kernel.Running()
	}
	if opts.facts == nil {
		if opts.KernelBTF == nil && opts.Kconfig == nil {
			opts.facts = opts.ids
		} else {
			opts.facts = kernel.New(kernel.Source{BTF: opts.KernelBTF, Config: opts.Kconfig})
		}
	}
	return &opts
}

// check refuses options that contradict each other, or name what none of the
// objects has.
func (o *LoadOptions) check(objects []*Object) error {
	switch {
	case o.PinDir != "" && !path.IsAbs(o.PinDir):
		return usage("pin directory %q: want an absolute path", o.PinDir)
	case !path.IsAbs(o.BPFFS):
		return usage("bpffs %q: want an absolute path", o.BPFFS)
	case o.Replace && o.PinDir == "":
		return usage("there is nothing to replace without a pin directory")
	}
	for _, name := range sortedKeys(o.MapPins) {
		if o.Maps[name] != nil {
			return usage("map %q is given twice, as a map and as a pin", name)
		}
	}
	for _, name := range slices.Concat(sortedKeys(o.Maps), sortedKeys(o.MapPins)) {
		if err := has("map", name, objects, (*Object).mapNames); err != nil {
			return err
		}
	}
	for _, name := range slices.Concat(o.Optional, sortedKeys(o.Targets)) {
		if err := has("program", name, objects, (*Object).programNames); err != nil {
			return err
		}
	}
	return nil
}

// has makes sure that one of the objects has something of that name.
func has(what, name string, objects []*Object, names func(*Object) []string) error {
	var all []string
	for _, o := range objects {
		have := names(o)
		if slices.Contains(have, name) {
			return nil
		}
		all = append(all, have...)
	}
	return noSuch(what, name, all)
}
