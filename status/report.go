// SPDX-License-Identifier: MIT

package status

import (
	"cmp"
	"time"
)

// A Report describes what is pinned below a directory, each list by path.
type Report struct {
	Dir string `json:"dir"`
	// Counting says whether the kernel counts how often programs run
	// (kernel.bpf_stats_enabled). Counts from before it was switched off remain.
	Counting bool      `json:"counting"`
	Programs []Program `json:"programs"`
	Maps     []Map     `json:"maps"`
	Links    []Link    `json:"links"`
}

// A Program is a pinned program.
type Program struct {
	Pin      string    `json:"pin"`
	ID       uint32    `json:"id"`
	Name     string    `json:"name"` // at most 15 bytes of it, as the kernel keeps it
	Type     string    `json:"type"`
	Tag      string    `json:"tag"`
	LoadedAt time.Time `json:"loaded_at"`
	UID      uint32    `json:"uid"`   // who loaded it
	Insns    uint32    `json:"insns"` // that the verifier looked at, 0 before Linux 5.16
	MapIDs   []uint32  `json:"map_ids"`
	// RunCount and RunSeconds are what the kernel counted so far.
	RunCount   uint64  `json:"run_count"`
	RunSeconds float64 `json:"run_seconds"`
	// Missed is how often it did not run because it was running already.
	Missed uint64 `json:"missed"`
	// Attached lists the targets of its links in the report.
	Attached []string `json:"attached"`
}

// A Map is a pinned map.
type Map struct {
	Pin        string `json:"pin"`
	ID         uint32 `json:"id"`
	Name       string `json:"name"`
	Type       string `json:"type"`
	KeySize    uint32 `json:"key_size"`
	ValueSize  uint32 `json:"value_size"`
	MaxEntries uint32 `json:"max_entries"`
	MapFlags   uint32 `json:"map_flags"`
	// Attached says that a link in the report registers it, a struct_ops map.
	Attached bool `json:"attached"`
}

// A Link is a pinned link, or the note of a classic filter of tc.
type Link struct {
	Pin     string `json:"pin"`
	ID      uint32 `json:"id"`
	Type    string `json:"type"`
	Target  string `json:"target"`
	Hook    string `json:"hook,omitempty"`
	Program uint32 `json:"program,omitempty"` // id
	Map     uint32 `json:"map,omitempty"`     // id, of struct_ops and sockmap
	Missed  uint64 `json:"missed,omitempty"`
	Broken  string `json:"broken,omitempty"` // why it attaches nothing any more
}

// Empty says whether nothing is pinned.
func (r *Report) Empty() bool { return cmp.Or(len(r.Programs), len(r.Maps), len(r.Links)) == 0 }
