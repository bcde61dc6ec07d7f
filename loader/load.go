// SPDX-License-Identifier: MIT

package loader

import (
	"context"
	"runtime"
	"slices"
	"sync"

	"github.com/bpfload/bpfload/internal/bpffs"
	"github.com/bpfload/bpfload/internal/kernel"
	"github.com/bpfload/bpfload/internal/sys"
	"github.com/bpfload/bpfload/rawbtf"
	"github.com/bpfload/bpfload/spec"
)

// A load is a plan being carried out. Whatever it creates it notes here, and what
// it changes outside of its own descriptors has its opposite in undo.
type load struct {
	o     *Object
	opts  *LoadOptions
	plan  *Plan
	k     sys.Kernel
	facts *kernel.Kernel // with what the caller knows better
	ids   *kernel.Kernel // the running kernel's own

	maps     []heldMap          // by index in Object.Maps
	byName   nameIndex          // of maps
	early    map[int]int        // descriptors of maps that were created before their turn
	programs []heldProgram      // by index in Object.Programs
	btf      int                // descriptor of the object's BTF, or -1
	form     *rawbtf.KernelForm // as the kernel took it
	noFuncs  bool               // it took it without functions
	token    int                // descriptor of a token, or -1
	tables   []jumpTable
	resolved resolution
	staging  *bpffs.Staging
	locks    map[string]bool // directories that this set of loads holds
	links    []heldLink
	dropped  []int       // programs whose links were not to be updated
	oldOps   map[int]int // link of a struct_ops map of the replaced set, by map
	memory   [][]byte    // arenas, mapped for as long as they are held

	contextsOnce sync.Once
	contexts     *contexts // for kernels without the tag arg:ctx

	warnings []spec.Warning
	undo     []func()
	release  []func() // on success and failure alike
	workers  int      // that verify programs at once
	grow     int      // descriptors to make room for, until that was done
}

// A heldMap is a map that exists.
type heldMap struct {
	held     bool
	fd       int
	attr     sys.MapCreate // as created
	reused   bool          // existed before the load, and is not written
	borrowed bool          // the descriptor is the caller's
	pin      string        // in the set of pins, once published
}

// A heldProgram is a program that exists.
type heldProgram struct {
	held     bool
	fd       int
	pin      string
	attached bool // by a link of the set that was replaced
}

func newLoad(o *Object, opts *LoadOptions, plan *Plan) *load {
	l := &load{
		o: o, opts: opts, plan: plan, k: opts.kernel, facts: opts.facts, ids: opts.ids,
		maps:     make([]heldMap, len(o.Maps)),
		programs: make([]heldProgram, len(o.Programs)),
		btf:      -1,
		token:    -1,
		locks:    make(map[string]bool),
		warnings: plan.own(o),
	}
	l.workers = opts.Workers
	if l.workers <= 0 {
		l.workers = runtime.GOMAXPROCS(0)
	}
	l.makeRoom()
	return l
}

// smallTable is how many descriptors fit the table that every process begins with,
// less those that are open already.
const smallTable = 64 - 16

// makeRoom prepares for many descriptors. The table grows in steps from 64, and in
// a process with threads each step waits for all CPUs: it is done once.
func (l *load) makeRoom() {
	if n := len(l.o.Maps) + len(l.o.Programs); n > smallTable {
		l.grow = n
	}
}

// run carries out the operations in order. Programs that follow each other are
// loaded together.
func (l *load) run(ctx context.Context) error {
	if err := l.prepare(); err != nil {
		return err
	}
	ops := l.plan.ops
	for i := 0; i < len(ops); {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := 1
		if _, ok := ops[i].(*loadProgram); ok {
			batch := programsAt(ops[i:])
			n = len(batch)
			if err := l.loadPrograms(ctx, batch); err != nil {
				return err
			}
		} else if err := ops[i].run(ctx, l); err != nil {
			return err
		}
		i += n
	}
	return nil
}

// finish gives back what only a running load needs.
func (l *load) finish() {
	l.contexts.close(l.k)
	l.contexts = nil
	l.closeFD(&l.btf)
	l.closeFD(&l.token)
	for _, t := range l.tables {
		l.k.Close(t.fd)
	}
	l.tables = nil
	l.resolved.close(l.k)
	runReversed(l.release)
	l.release = nil
}

// rollback undoes what the load did, the last thing first.
func (l *load) rollback() {
	runReversed(l.undo)
	l.undo = nil
	for _, link := range slices.Backward(l.links) {
		link.undo()
	}
	for i := range l.programs {
		if l.programs[i].held {
			l.k.Close(l.programs[i].fd)
		}
	}
	l.dropEarly()
	for i := range l.maps {
		if m := &l.maps[i]; m.held && !m.borrowed {
			l.k.Close(m.fd)
		}
	}
	for _, b := range l.memory {
		l.k.Munmap(b)
	}
	l.finish()
}

func runReversed(fs []func()) {
	for _, f := range slices.Backward(fs) {
		f()
	}
}

func (l *load) closeFD(fd *int) {
	if *fd >= 0 {
		l.k.Close(*fd)
		*fd = -1
	}
}

// opened notes that a descriptor was made: the first of a big load makes room for
// all.
func (l *load) opened(fd int) {
	if l.grow > 0 {
		// Failing that the table grows by itself.
		_ = l.k.GrowFiles(fd, fd+l.grow+8)
		l.grow = 0
	}
}

func (l *load) warn(w spec.Warning) { l.warnings = append(l.warnings, w) }
