// SPDX-License-Identifier: MIT

package loader

import (
	"errors"
	"fmt"
	"path"
	"slices"

	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/sys"
	"github.com/bpfload/bpfload/spec"
)

// existing finds the map that is to be used instead of a new one, if there is one,
// and checks that it is what the object describes.
func (op *createMap) existing(l *load, held *heldMap) (bool, error) {
	switch {
	case op.given != nil:
		held.fd, held.borrowed = op.given.FD(), true
		return true, op.adopt(l, held, "the map given for it")
	case op.from != "":
		return op.fromPin(l, held, op.from, func(err error) error {
			return &Error{Class: ClassPin, Code: "pin-missing", Map: op.spec.Name, Doing: "taking the map pinned at " + op.from, Err: err,
				Advice: "bpfload status lists what is pinned"}
		})
	case op.pin != "" && !op.replaces:
		return op.byName(l, held)
	}
	return op.fromOldSet(l, held)
}

// fromPin takes the map pinned at p; missing makes the error for when there is none,
// or nil to go on without.
func (op *createMap) fromPin(l *load, held *heldMap, p string, missing func(error) error) (bool, error) {
	fd, err := l.k.BPF(&sys.ObjGet{Obj: sys.Obj{Pathname: sys.CString(p)}})
	if err == unix.ENOENT {
		return false, missing(err)
	}
	if err != nil {
		return false, op.unopened(l, p, err)
	}
	// The attributes of a program would be read as those of a strange map.
	if kind, err := sys.KindOf(fd); err == nil && (kind == sys.ProgFD || kind == sys.LinkFD) {
		l.k.Close(fd)
		what := map[sys.FDKind]string{sys.ProgFD: "program", sys.LinkFD: "link"}[kind]
		return false, &Error{Class: ClassPin, Code: "pin-incompatible", Map: op.spec.Name, Err: fmt.Errorf("%s is the pin of a %s, not of a map", p, what),
			Advice: "bpfload status " + path.Dir(p) + " lists what is pinned there"}
	}
	held.fd = fd
	if err := op.adopt(l, held, "what is pinned at "+p); err != nil {
		l.k.Close(fd)
		return false, err
	}
	return true, nil
}

// unopened says why a path gave no map. The kernel answers EACCES to what is no pin, too.
func (op *createMap) unopened(l *load, p string, err error) error {
	e := &Error{Class: errnoClassOf(err), Code: "pin-unreadable", Map: op.spec.Name, Doing: "opening what is pinned at " + p, Err: err}
	if st, statErr := l.k.Lstat(p); statErr == nil && st.IsDir() {
		e.Class, e.Doing, e.Err = ClassPin, "", fmt.Errorf("%s is a directory, not a pin", p)
	} else if magic, typeErr := l.k.FSType(path.Dir(p)); typeErr == nil && magic != sys.BPFFSMagic {
		e.Class, e.Doing, e.Err = ClassPin, "", fmt.Errorf("%s is an ordinary file, not a pin", p)
	}
	return e
}

// byName takes the map that is pinned where the object wants this one.
func (op *createMap) byName(l *load, held *heldMap) (bool, error) {
	if l.opts.Reuse == ReuseNever {
		if _, err := l.k.Lstat(op.pin); err == nil {
			return false, &Error{Class: ClassPin, Code: "pin-exists", Map: op.spec.Name, Err: fmt.Errorf("%s already exists, and may not be reused", op.pin),
				Advice: "add --reuse=compatible, or remove it: rm " + op.pin}
		}
		return false, nil
	}
	return op.fromPin(l, held, op.pin, op.required(l, op.pin))
}

// fromOldSet carries over a map of the set that is being replaced, for the sake of
// what it holds. What the object itself puts into a map is no such thing: constants,
// programs of the old set in slots, variables that were set for this load.
func (op *createMap) fromOldSet(l *load, held *heldMap) (bool, error) {
	if !l.opts.Replace || l.opts.Reuse != ReuseCompatible && l.opts.Reuse != ReuseRequire || op.spec.Frozen || op.spec.Origin == spec.OriginStructOps {
		return false, nil
	}
	if _, set := l.o.values[op.spec]; set || slices.ContainsFunc(op.spec.Values, func(v spec.Slot) bool { return v.Program != "" }) {
		return false, nil
	}
	old := path.Join(l.plan.dir, l.plan.names.maps[op.index])
	found, err := op.fromPin(l, held, old, op.required(l, old))
	var e *Error
	if errors.As(err, &e) && e.Code == "pin-incompatible" && l.opts.Reuse == ReuseCompatible {
		l.warn(spec.Warning{Code: "map-not-carried-over", Section: op.spec.Place.Section, Offset: op.spec.Place.Offset, Symbol: op.spec.Name, Message: e.Err.Error() + "; a new map takes its place"})
		*held = heldMap{held: true, attr: held.attr}
		return false, nil
	}
	return found, err
}

func (op *createMap) required(l *load, p string) func(error) error {
	return func(err error) error {
		if l.opts.Reuse != ReuseRequire {
			return nil
		}
		return &Error{Class: ClassPin, Code: "pin-missing", Map: op.spec.Name, Doing: "reusing what is pinned at " + p, Err: err,
			Advice: "add --reuse=compatible to have it created"}
	}
}

// adopt checks that the map behind held.fd can stand in for the object's.
func (op *createMap) adopt(l *load, held *heldMap, what string) error {
	var info sys.MapInfo
	if err := sys.Info(l.k, held.fd, &info); err != nil {
		return &Error{Class: errnoClassOf(err), Code: "pin-unreadable", Map: op.spec.Name, Doing: "reading the attributes of " + what, Err: err}
	}
	diffs := compare(&held.attr, &info)
	if len(diffs) == 0 {
		var err error
		if diffs, err = l.compareTypes(op.spec, &info); err != nil {
			return err
		}
	}
	if len(diffs) > 0 {
		return &Error{Class: ClassPin, Code: "pin-incompatible", Map: op.spec.Name, Err: &IncompatibleError{What: what, Differences: diffs},
			Advice: "bpfload diff says what changed; remove the pin to start afresh"}
	}
	held.reused = true
	held.attr.MaxEntries, held.attr.MapFlags = info.MaxEntries, info.MapFlags
	return nil
}
