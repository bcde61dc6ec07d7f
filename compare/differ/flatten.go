// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/bpfload/bpfload/compare/oracle"
)

// A flat document is a list of paths with values, such as
// "map/flows/max_entries" with "1024". Whole maps, programs and variables have
// a path of their own with the value "present", so that one that is missing is
// one difference and not ten.
type flat struct {
	fields []field
	at     map[string]int
	lists  map[string]bool // lists that the document has: "map", "program", "variable"
}

// The note is no part of the comparison: it tells the reason of a verdict.
type field struct{ path, value, note string }

func (f *flat) add(path string, value any) { f.addNoted(path, value, "") }

func (f *flat) addNoted(path string, value any, note string) {
	if _, ok := f.at[path]; ok {
		return
	}
	f.at[path] = len(f.fields)
	f.fields = append(f.fields, field{path, fmt.Sprint(value), firstLine(note)})
}

func (f *flat) get(path string) (field, bool) {
	i, ok := f.at[path]
	if !ok {
		return field{}, false
	}
	return f.fields[i], true
}

// knows reports whether a path that the document does not have says something:
// it does for a missing entry of a list that the document has.
func (f *flat) knows(path string) bool {
	list, rest, _ := strings.Cut(path, "/")
	return f.lists[list] && rest != "" && !strings.Contains(rest, "/")
}

func flatten(doc oracle.Document) *flat {
	f := &flat{at: map[string]int{}, lists: map[string]bool{}}
	f.addNoted("verdict", doc.Verdict, doc.Why())
	if doc.Verdict == "error" {
		return f
	}
	if doc.License != nil {
		f.add("license", *doc.License)
	}
	if doc.KernelVersion != nil {
		f.add("kernel_version", *doc.KernelVersion)
	}
	f.lists["program"] = doc.Programs != nil
	f.lists["map"] = doc.Maps != nil
	f.lists["variable"] = doc.Variables != nil
	for _, m := range doc.Maps {
		path := "map/" + entry(mapName(m))
		f.add(path, "present")
		f.addMap(path, m)
	}
	for _, p := range doc.Programs {
		f.addProgram("program/"+entry(p.Name), p, doc.Mode)
	}
	for _, v := range doc.Variables {
		path := "variable/" + entry(v.Name)
		f.add(path, "present")
		f.add(path+"/section", v.Section)
		f.add(path+"/offset", v.Offset)
		f.add(path+"/size", v.Size)
	}
	return f
}

// entry makes a name one element of a path.
func entry(name string) string { return strings.ReplaceAll(name, "/", "|") }

// mapName is the section's name for maps of a data section: libbpf puts the
// object's name before some of them.
func mapName(m oracle.Map) string {
	if m.Section != "" {
		return m.Section
	}
	return m.Name
}

func (f *flat) addMap(path string, m oracle.Map) {
	f.add(path+"/type", m.TypeName())
	f.add(path+"/key_size", m.KeySize)
	f.add(path+"/value_size", m.ValueSize)
	f.add(path+"/max_entries", m.MaxEntries)
	f.add(path+"/map_flags", m.MapFlags)
	if m.MapExtra != nil {
		f.add(path+"/map_extra", *m.MapExtra)
	}
	if m.NumaNode != nil {
		f.add(path+"/numa_node", *m.NumaNode)
	}
	if m.Pinning != nil {
		f.add(path+"/pinning", *m.Pinning)
	}
	if m.Inner != nil {
		f.addMap(path+"/inner", *m.Inner)
	}
	for _, slot := range m.Values {
		f.add(path+"/values/"+strconv.FormatUint(uint64(slot.Index), 10), slot.Name)
	}
}

func (f *flat) addProgram(path string, p oracle.Program, mode string) {
	f.add(path, "present")
	if mode == "load" {
		f.addNoted(path+"/verdict", p.Verdict, p.Why())
		if p.Verdict == "ok" && p.VerifiedInsns > 0 {
			f.add(path+"/verified_insns", p.VerifiedInsns)
		}
		return
	}
	f.add(path+"/section", strings.TrimPrefix(p.Section, "?"))
	f.add(path+"/type", p.TypeName())
	f.add(path+"/attach_type", p.AttachTypeName())
	if p.AttachTo != "" {
		f.add(path+"/attach_to", p.AttachTo)
	}
	if p.Autoload != nil {
		f.add(path+"/autoload", *p.Autoload)
	}
	if p.Insns > 0 {
		f.add(path+"/insns", p.Insns)
	}
}

// meet renames entries of f whose names the reader cut short, as libbpf does
// with .bss.NAME after 15 bytes, to the only entry of us that begins so.
func (f *flat) meet(us *flat) {
	const cut = 15
	for i, theirs := range f.fields {
		name, isMap := strings.CutPrefix(theirs.path, "map/.")
		if _, found := us.get(theirs.path); !isMap || theirs.value != "present" || found || len(name)+1 != cut {
			continue
		}
		for _, ours := range us.fields {
			if ours.value == "present" && strings.HasPrefix(ours.path, theirs.path) {
				f.rename(i, theirs.path, ours.path)
				break
			}
		}
	}
}

func (f *flat) rename(from int, old, new string) {
	for i := from; i < len(f.fields); i++ {
		path := f.fields[i].path
		if path != old && !strings.HasPrefix(path, old+"/") {
			continue
		}
		delete(f.at, path)
		f.fields[i].path = new + path[len(old):]
		f.at[f.fields[i].path] = i
	}
}
