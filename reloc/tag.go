// SPDX-License-Identifier: MIT

package reloc

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/bpfload/bpfload/rawbtf"
	"github.com/bpfload/bpfload/spec"
)

// Declaration tags of functions that mean something to a loader.
const (
	tailTag      = "tail:"               // MAP/KEY: the slot of a prog array that the program goes to (Cilium)
	exceptionTag = "exception_callback:" // NAME of the function that bpf_throw calls
)

// A tag is a declaration tag of a function.
type tag struct {
	function rawbtf.ID
	text     string
}

// findTags collects the tags of functions, ordered by function.
func (l *Linker) findTags() {
	if l.types == nil {
		return
	}
	for t := range l.types.DeclTags {
		if t.ComponentIndex() != -1 {
			continue
		}
		text := t.Name()
		if strings.HasPrefix(text, tailTag) || strings.HasPrefix(text, exceptionTag) {
			l.tags = append(l.tags, tag{t.SizeOrType, text})
		}
	}
	slices.SortStableFunc(l.tags, func(a, b tag) int { return cmp.Compare(a.function, b.function) })
}

// tagsOf returns what follows prefix in the tags of function i.
func (l *Linker) tagsOf(i int32, prefix string) []string {
	if len(l.tags) == 0 {
		return nil
	}
	id := l.funcType(i)
	if id == 0 {
		return nil
	}
	var found []string
	at, _ := slices.BinarySearchFunc(l.tags, id, func(t tag, id rawbtf.ID) int { return cmp.Compare(t.function, id) })
	for ; at < len(l.tags) && l.tags[at].function == id; at++ {
		if rest, ok := strings.CutPrefix(l.tags[at].text, prefix); ok {
			found = append(found, rest)
		}
	}
	return found
}

// tailCall returns the slot that a tag puts function i in. A tag that does not
// parse is remarked on.
func (l *Linker) tailCall(i int32) *spec.TailCall {
	for _, text := range l.tagsOf(i, tailTag) {
		slash := strings.LastIndexByte(text, '/')
		if slash > 0 {
			if key, err := strconv.ParseUint(text[slash+1:], 0, 32); err == nil {
				return &spec.TailCall{Map: text[:slash], Index: uint32(key)}
			}
		}
		fn := &l.functions[i]
		l.warnings = append(l.warnings, spec.Warning{Code: "tail-tag", Section: l.sections[fn.section].name, Offset: uint64(fn.start), Symbol: l.name(i),
			Message: "the declaration tag " + printable(tailTag+text) + " does not read tail:MAP/KEY; the program is put into no prog array"})
	}
	return nil
}
