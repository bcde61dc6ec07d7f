// SPDX-License-Identifier: MIT

package kernel

import "github.com/bpfload/bpfload/rawbtf"

// An index remembers which types of a Spec have the names asked for.
type index struct {
	spec    *rawbtf.Spec      // nil until data was parsed
	data    []byte            // trusted BTF, to be parsed in the walk of the first search
	err     error             // of that
	entries map[string]*entry // by essential name
	pending []*entry          // to be searched for, or again for further kinds
	missed  []want            // searched for in vain
}

type entry struct {
	want
	searched rawbtf.KindSet
	types    []rawbtf.Type
	pending  bool
}

// A want is a name and the kinds of type that may bear it.
type want struct {
	kinds rawbtf.KindSet
	name  string // essential
}

func (ix *index) want(kinds rawbtf.KindSet, name string) *entry {
	e := ix.entries[name]
	if e == nil {
		if ix.entries == nil {
			ix.entries = make(map[string]*entry)
		}
		e = &entry{want: want{name: name}}
		ix.entries[name] = e
	}
	e.kinds |= kinds
	if e.kinds&^e.searched != 0 && !e.pending {
		e.pending = true
		ix.pending = append(ix.pending, e)
	}
	return e
}

// find returns the types with an essential name, of whatever kinds were searched for so far.
func (ix *index) find(kinds rawbtf.KindSet, name string) []rawbtf.Type {
	e := ix.want(kinds, name)
	if e.pending {
		ix.search()
	}
	return e.types
}

// search looks for all pending names in one walk.
func (ix *index) search() {
	var names rawbtf.NameSet
	var kinds rawbtf.KindSet
	for _, e := range ix.pending {
		names.Add(e.name)
		kinds |= e.kinds | e.searched
		e.types = nil
	}
	found := func(n int, t rawbtf.Type) { ix.pending[n].types = append(ix.pending[n].types, t) }
	if ix.spec != nil {
		ix.spec.Search(&names, kinds, found)
	} else {
		ix.parse(&names, kinds, found)
	}
	for _, e := range ix.pending {
		e.searched, e.pending = kinds, false
		if !e.has(e.kinds) {
			ix.missed = append(ix.missed, e.want)
		}
	}
	ix.pending = ix.pending[:0]
}

// parse makes the Spec; that of damaged BTF is empty.
func (ix *index) parse(names *rawbtf.NameSet, kinds rawbtf.KindSet, found func(int, rawbtf.Type)) {
	if ix.spec, ix.err = rawbtf.ParseSearch(ix.data, nil, names, kinds, found); ix.err != nil {
		ix.spec = new(rawbtf.Spec)
	}
}

// types returns the Spec.
func (ix *index) types() *rawbtf.Spec {
	if ix.spec == nil {
		ix.parse(nil, 0, nil)
	}
	return ix.spec
}

func (e *entry) has(kinds rawbtf.KindSet) bool {
	for _, t := range e.types {
		if kinds.Has(t.Kind) {
			return true
		}
	}
	return false
}

// takeMissed returns what was searched for in vain since the last call.
func (ix *index) takeMissed() []want {
	missed := ix.missed
	ix.missed = nil
	return missed
}
