// SPDX-License-Identifier: MIT

package attach

import (
	"slices"
	"strings"

	"github.com/cilium/ebpf"

	"github.com/bpfload/bpfload/internal/near"
	"github.com/bpfload/bpfload/secdef"
)

// A Target is a place to attach to, as [Parse] or [SectionTarget] made it: to change
// its fields changes only its text, which is KIND or KIND:PLACE. [Kinds] lists what
// there is.
type Target struct {
	Kind  string // such as "xdp", "kprobe", "cgroup/connect4"
	Place string // such as "eth0", "do_unlinkat"; "" where the kind says it all

	kind   *kind
	attach attacher
}

// String returns the text of the target.
func (t Target) String() string {
	if t.Place == "" {
		return t.Kind
	}
	return t.Kind + ":" + t.Place
}

// A kind of target.
type kind struct {
	name  string
	place string // what Place says, "" for nothing, in brackets if it may be left out
	about string
	types []ebpf.ProgramType
	since version // of links of that kind
	parse func(t *Target) (attacher, error)
}

// A Kind is a kind of target, for help texts.
type Kind struct {
	Syntax string // such as "xdp:IFACE"
	About  string
	Since  string // the first Linux that has it, such as "5.9"
}

// Kinds lists the kinds of targets.
func Kinds() []Kind {
	list := make([]Kind, 0, len(kinds))
	for i := range kinds {
		k := &kinds[i]
		list = append(list, Kind{k.syntax(), k.about, k.since.String()})
	}
	return list
}

func (k *kind) syntax() string {
	switch {
	case k.place == "":
		return k.name
	case strings.HasPrefix(k.place, "["):
		return k.name + "[:" + k.place[1:]
	}
	return k.name + ":" + k.place
}

// kindsFor lists the syntax of the kinds that take programs of a type.
func kindsFor(t ebpf.ProgramType) []string {
	var list []string
	for i := range kinds {
		if slices.Contains(kinds[i].types, t) {
			list = append(list, kinds[i].syntax())
		}
	}
	return list
}

// Parse reads the text of a target. It does not look whether the place exists.
func Parse(s string) (Target, error) {
	name, place, hasPlace := strings.Cut(s, ":")
	t := Target{Kind: name, Place: place}
	t.kind = lookup(name)
	if t.kind == nil {
		e := usage("target %q: there is no kind %q", s, name)
		e.Advice = "bpfload attach --help lists the kinds"
		if n := near.Best(name, kindNames()); n != "" {
			e.Advice = "did you mean: " + lookup(n).syntax()
		}
		return Target{}, e
	}
	optional := t.kind.place == "" || strings.HasPrefix(t.kind.place, "[")
	switch {
	case place == "" && (hasPlace || !optional):
		return Target{}, usage("target %q: want %s", s, t.kind.syntax())
	case place != "" && t.kind.place == "":
		return Target{}, usage("target %q: kind %s has no place; the program was loaded for one", s, name)
	}
	var err error
	if t.attach, err = t.kind.parse(&t); err != nil {
		e := usage("target %q: %w", s, err)
		return Target{}, e
	}
	return t, nil
}

// lookup returns the kind of that name. A section name of a program for cgroups or
// sockmaps is that kind with the hook named.
func lookup(name string) *kind {
	for i := range kinds {
		if kinds[i].name == name {
			return &kinds[i]
		}
	}
	def, ok := secdef.Match(name)
	if !ok || def.Extra != "" {
		return nil
	}
	for _, k := range []*kind{lookup("cgroup"), lookup("sockmap")} {
		if slices.Contains(k.types, def.Type) {
			return k
		}
	}
	return nil
}

func kindNames() []string {
	names := make([]string, len(kinds))
	for i := range kinds {
		names[i] = kinds[i].name
	}
	return names
}
