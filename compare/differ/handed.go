// SPDX-License-Identifier: MIT

package main

import (
	"encoding/json"
	"fmt"
	"strings"
)

// A handed program is one that a loader gave to the kernel, as spy wrote it down.
type handed struct {
	Name       string `json:"name"` // cut by the kernel's limit
	Accepted   bool   `json:"accepted"`
	Type       uint32 `json:"type_number"`
	AttachType uint32 `json:"attach_type_number"`
	AttachBTF  uint32 `json:"attach_btf_id"`
	Flags      uint32 `json:"flags"`
	FuncInfos  int    `json:"func_infos"`
	LineInfos  int    `json:"line_infos"`
	Hex        string `json:"hex"`
	Maps       []struct {
		Insn int    `json:"insn"`
		Map  string `json:"map"`
	} `json:"maps"`
}

func decodeHanded(text []byte) ([]handed, error) {
	var doc struct {
		Programs []handed `json:"programs"`
	}
	err := json.Unmarshal(text, &doc)
	return doc.Programs, err
}

// compareHanded compares the programs that the kernel took from both loaders.
// A program is compared with the one of the same name that is most like it:
// loaders give a program to the kernel more than once.
func compareHanded(ours, theirs []handed) (int, []difference) {
	byName := map[string][]*handed{}
	for i := range theirs {
		if p := &theirs[i]; p.Accepted && p.Name != "" {
			byName[p.Name] = append(byName[p.Name], p)
		}
	}
	count := 0
	var diffs []difference
	for i := range ours {
		p := &ours[i]
		same := byName[p.Name]
		if !p.Accepted || len(same) == 0 {
			continue
		}
		var least []difference
		for j, other := range same {
			if d := p.differences(other); j == 0 || len(d) < len(least) {
				least = d
			}
		}
		count++
		diffs = append(diffs, least...)
	}
	return count, diffs
}

func (p *handed) differences(other *handed) []difference {
	var diffs []difference
	check := func(what string, ours, theirs any) {
		if ours != theirs {
			path := "handed/" + entry(p.Name) + "/" + what
			diffs = append(diffs, difference{path: path, ours: fmt.Sprint(ours), theirs: fmt.Sprint(theirs)})
		}
	}
	check("type_number", p.Type, other.Type)
	check("attach_type_number", p.AttachType, other.AttachType)
	check("attach_btf_id", p.AttachBTF, other.AttachBTF)
	check("flags", p.Flags, other.Flags)
	check("func_infos", p.FuncInfos, other.FuncInfos)
	check("line_infos", p.LineInfos, other.LineInfos)
	check("length", len(p.Hex)/insnDigits, len(other.Hex)/insnDigits)
	at := firstOther(p.Hex, other.Hex)
	check("insns", insnAt(p.Hex, at), insnAt(other.Hex, at))
	check("maps", p.mapNames(), other.mapNames())
	return diffs
}

const insnDigits = 16

// firstOther returns the index of the first instruction that differs.
func firstOther(a, b string) int {
	n := min(len(a), len(b)) / insnDigits
	for i := range n {
		if a[i*insnDigits:(i+1)*insnDigits] != b[i*insnDigits:(i+1)*insnDigits] {
			return i
		}
	}
	return n
}

func insnAt(hex string, i int) string {
	if (i+1)*insnDigits > len(hex) {
		return "end"
	}
	return fmt.Sprintf("#%d=%s", i, hex[i*insnDigits:(i+1)*insnDigits])
}

// mapNames lists the maps in the order of the references. Data maps go by their
// section: loaders disagree on what stands before it, and on where to cut.
func (p *handed) mapNames() string {
	var b strings.Builder
	for _, m := range p.Maps {
		name := m.Map
		if i := strings.IndexByte(name, '.'); i >= 0 {
			name = name[i:]
			name = name[:min(len(name), 5)]
		}
		fmt.Fprintf(&b, "%d=%s ", m.Insn, name)
	}
	return strings.TrimSpace(b.String())
}
