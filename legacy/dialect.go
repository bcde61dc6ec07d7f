// SPDX-License-Identifier: MIT

package legacy

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/internal/near"
	"github.com/bpfload/bpfload/secdef"
	"github.com/bpfload/bpfload/spec"
)

// ErrUnknownDialect says that Options.Dialect names no dialect of [Dialects].
var ErrUnknownDialect = errors.New("unknown dialect")

// registry lists the dialects. The order is that in which candidates are listed,
// and decides between dialects that do not differ in meaning.
var registry = []*dialect{
	&minimal,
	&libbpf,
	&calico,
	&samples,
	&keytable,
	&iproute2,
	&aya,
	&aws,
	&goebpf,
	&gobpf,
	&android,
	&windows,
	&jbpf,
	&bcc,
}

// A dialect is one loader's form of a map record.
type dialect struct {
	name    string   // for users
	about   string   // whose it is
	sizes   []uint32 // of the records that exist
	layouts []layout // smallest first; a shorter record has the first fields only
	structs []string // names of the record's struct in BTF that no other dialect has

	// extensible says that records carry their size, and that a loader ignores
	// what it does not know at their end.
	extensible bool

	// statics says that records may be static: their loader knew them by where
	// they are, not by name.
	statics bool

	// refusal is set for records that are recognised but made for something
	// other than Linux's BPF: what to do instead.
	refusal string

	// claim returns evidence from outside the records that decides before any
	// vote, "" for none. A dialect with sharesRecord is told by nothing else:
	// its record is another dialect's.
	claim        func(*object, *group) string
	sharesRecord bool
	// vote says how well records of one size fit, where BTF does not. A nil
	// vote counts as [possible].
	vote func(*object, *group) vote
	// decode gives the fields beyond the common ones their meaning. It may be
	// nil where there are none.
	decode func(record, *spec.Map) error
	// relocate applies a relocation within the record of definition i. Where it
	// is nil a record has none.
	relocate func(o *object, i int, rel elf.Rel) error
	// link connects maps of maps once all records are decoded.
	link func(*object, *dialect) error
	// pin returns where a map that asks to be pinned is to be found. A dialect
	// without it has no pinning.
	pin func(*spec.Map, Roots) (string, error)
	// conventions are the meanings of section names in objects of the dialect.
	conventions []secdef.Convention
}

// A Dialect describes a record layout that [Decode] knows.
type Dialect struct {
	Name  string // as in spec.Legacy.Dialect and Options.Dialect
	About string // whose it is, one line
	// Refused says what to do with an object of a dialect that is recognised
	// but cannot be loaded; "" for one that can.
	Refused string
}

// Dialects returns the dialects of the maps sections, those that are refused
// included.
func Dialects() []Dialect {
	list := make([]Dialect, len(registry))
	for i, d := range registry {
		list[i] = Dialect{d.name, d.about, d.refusal}
	}
	return list
}

func dialectNamed(name string) *dialect {
	for _, d := range registry {
		if d.name == name {
			return d
		}
	}
	return nil
}

// force notes the dialect that the caller wants.
func (o *object) force(name string) error {
	if name == "" {
		return nil
	}
	if o.forced = dialectNamed(name); o.forced != nil {
		return nil
	}
	names := make([]string, len(registry))
	for i, d := range registry {
		names[i] = d.name
	}
	if best := near.Best(name, names); best != "" {
		return fmt.Errorf("%w %q: did you mean %q?", ErrUnknownDialect, name, best)
	}
	return fmt.Errorf("%w %q: the dialects are %s", ErrUnknownDialect, name, strings.Join(names, ", "))
}

// layoutFor returns the layout of records of the given length.
func (d *dialect) layoutFor(size uint64) *layout {
	for i := range d.layouts {
		if size <= uint64(d.layouts[i].size) {
			return &d.layouts[i]
		}
	}
	return &d.layouts[len(d.layouts)-1]
}

// has says whether the dialect writes records of that size.
func (d *dialect) has(size uint64) bool { return slices.Contains(d.sizes, uint32(size)) }

// vocabulary returns all fields that the dialect's records may have.
func (d *dialect) vocabulary() fieldSet {
	var s fieldSet
	for i := range d.layouts {
		s |= d.layouts[i].fields
	}
	return s
}
