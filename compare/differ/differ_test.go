// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bpfload/bpfload/compare/oracle"
)

func TestGlob(t *testing.T) {
	for name, tc := range map[string]struct {
		pattern, text string
		want          bool
	}{
		"equal":            {"map/a/type", "map/a/type", true},
		"prefix only":      {"map/a", "map/a/type", false},
		"star":             {"*", "", true},
		"star in middle":   {"map/*/type", "map/a/inner/type", true},
		"two stars":        {"old/*.o", "old/samples/x.o", true},
		"must end":         {"*/type", "map/a/types", false},
		"star at end":      {"open*", "open:ok:error", true},
		"repeated literal": {"a*b*b", "a-b-b-b", true},
		"overlap":          {"ab*ba", "aba", false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := glob(tc.pattern, tc.text); got != tc.want {
				t.Errorf("glob(%q, %q) = %v", tc.pattern, tc.text, got)
			}
		})
	}
}

func TestGlobPath(t *testing.T) {
	for pattern, want := range map[string]bool{
		"a.o": true, "dir/a.o": true, "corpus/dir/a.o": true, "*": true, "dir/*": true, "ir/a.o": false, "corpus": false,
	} {
		if got := globPath(pattern, "corpus/dir/a.o"); got != want {
			t.Errorf("globPath(%q) = %v", pattern, got)
		}
	}
}

const inspect = `{"schema":"bpfload/inspect/v1","file":"x.o",
 "elf":{"order":"little","machine":"bpf","license":"GPL","kernel_version":0,"btf":true},
 "maps":[
  {"name":"flows","type":"hash","key_size":4,"value_size":8,"max_entries":16,"map_flags":0,"map_extra":0,"numa_node":0,
   "pinning":"by_name","section":".maps","origin":"btf"},
  {"name":"outer","type":"array_of_maps","key_size":4,"value_size":4,"max_entries":2,"map_flags":0,"map_extra":0,
   "numa_node":0,"pinning":0,"section":".maps","origin":"btf",
   "inner":{"name":"outer.inner","type":"array","key_size":4,"value_size":4,"max_entries":1,"map_flags":0},
   "values":[{"index":1,"map":"flows"}]},
  {"name":"x.bss","type":"array","key_size":4,"value_size":12,"max_entries":1,"map_flags":1024,"section":".bss","origin":"data"},
  {"name":".bss.counters_long","type":"array","key_size":4,"value_size":4,"max_entries":1,"map_flags":1024,
   "section":".bss.counters_long","origin":"data"}],
 "programs":[{"name":"p","section":"?xdp","type":"xdp","attach_type":"xdp","autoload":false,"insns":2}],
 "variables":[{"name":"v","section":".bss","offset":0,"size":4}],"warnings":[]}`

// theirs is what libbpf would print for the same object.
func theirs() oracle.Document {
	no, byName := false, uint32(1)
	return oracle.Document{
		Mode: "open", Verdict: "ok",
		Maps: []oracle.Map{
			{Name: "flows", Type: "hash", KeySize: 4, ValueSize: 8, MaxEntries: 16, Pinning: &byName},
			{Name: "outer", Type: "array_of_maps", KeySize: 4, ValueSize: 4, MaxEntries: 2,
				Inner: &oracle.Map{Name: "outer.inner", Type: "array", KeySize: 4, ValueSize: 4, MaxEntries: 1}},
			{Name: "x.bss", Section: ".bss", Type: "array", KeySize: 4, ValueSize: 12, MaxEntries: 1, MapFlags: 1024},
			{Name: ".bss.counters_l", Section: ".bss.counters_l", Type: "array", KeySize: 4, ValueSize: 4, MaxEntries: 1, MapFlags: 1024},
		},
		Programs: []oracle.Program{{Name: "p", Section: "xdp", Type: "xdp", AttachType: "xdp", Autoload: &no, Insns: 2}},
	}
}

func TestCompareInspect(t *testing.T) {
	ours := oracle.Document{Mode: "open"}
	if !understand(&ours, []byte(inspect)) {
		t.Fatalf("not understood: %s", ours.Error)
	}
	for name, tc := range map[string]struct {
		change func(*oracle.Document)
		want   string // path:ours:theirs, separated by blanks
	}{
		"same":          {func(*oracle.Document) {}, ""},
		"entries":       {func(d *oracle.Document) { d.Maps[0].MaxEntries = 17 }, "map/flows/max_entries:16:17"},
		"pinning":       {func(d *oracle.Document) { *d.Maps[0].Pinning = 0 }, "map/flows/pinning:1:0"},
		"inner":         {func(d *oracle.Document) { d.Maps[1].Inner.Type = "hash" }, "map/outer/inner/type:array:hash"},
		"cut name":      {func(d *oracle.Document) { d.Maps[3].ValueSize = 5 }, "map/.bss.counters_long/value_size:4:5"},
		"map missing":   {func(d *oracle.Document) { d.Maps = d.Maps[1:] }, "map/flows:present:-"},
		"map too many":  {func(d *oracle.Document) { d.Maps = append(d.Maps, oracle.Map{Name: "n"}) }, "map/n:-:present"},
		"program":       {func(d *oracle.Document) { d.Programs[0].Type = "kprobe" }, "program/p/type:xdp:kprobe"},
		"autoload":      {func(d *oracle.Document) { *d.Programs[0].Autoload = true }, "program/p/autoload:false:true"},
		"not asked":     {func(d *oracle.Document) { d.Programs = nil }, ""},
		"type's number": {func(d *oracle.Document) { d.Maps[0].Type, d.Maps[0].TypeNumber = "", 9 }, "map/flows/type:hash:lru_hash"},
		"their error":   {func(d *oracle.Document) { *d = oracle.Document{Mode: "open", Verdict: "error"} }, "verdict:ok:error"},
		"slot":          {func(d *oracle.Document) { d.Maps[1].Values = []oracle.Slot{{Index: 1, Name: "x"}} }, "map/outer/values/1:flows:x"},
		"license":       {func(d *oracle.Document) { s := "MIT"; d.License = &s }, "license:GPL:MIT"},
		"variable moved": {func(d *oracle.Document) {
			d.Variables = []oracle.Variable{{Name: "v", Section: ".bss", Offset: 4, Size: 4}}
		}, "variable/v/offset:0:4"},
	} {
		t.Run(name, func(t *testing.T) {
			other := theirs()
			tc.change(&other)
			fields, diffs := compare(ours, other)
			var got []string
			for _, d := range diffs {
				got = append(got, d.String())
			}
			if strings.Join(got, " ") != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
			if fields == 0 {
				t.Error("compared nothing")
			}
		})
	}
}

func TestCompareVerify(t *testing.T) {
	ours := oracle.Document{Mode: "load"}
	text := `{"schema":"bpfload/verify/v1","file":"x.o","verdict":"rejected","programs":[
	 {"name":"a","section":"xdp","verdict":"ok","insns":8,"processed":9,"states":1,"stack":8,"seconds":0.1},
	 {"name":"b","section":"xdp","verdict":"rejected","error":"no"}]}`
	if !understand(&ours, []byte(text)) {
		t.Fatalf("not understood: %s", ours.Error)
	}
	other := oracle.Document{Mode: "load", Verdict: "accepted", Programs: []oracle.Program{
		{Name: "a", Verdict: "ok", VerifiedInsns: 9}, {Name: "b", Verdict: "ok", VerifiedInsns: 3}}}
	_, diffs := compare(ours, other)
	want := []difference{
		{path: "verdict", ours: "rejected", theirs: "accepted", ourNote: "no"},
		{path: "program/b/verdict", ours: "rejected", theirs: "ok", ourNote: "no"},
	}
	if len(diffs) != len(want) || diffs[0] != want[0] || diffs[1] != want[1] {
		t.Errorf("got %v, want %v", diffs, want)
	}
}

func TestCompareHanded(t *testing.T) {
	decode := func(programs string) []handed {
		p, err := decodeHanded([]byte(`{"programs":[` + programs + `],"exit":0}`))
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	const (
		ours = `{"name":"p","accepted":true,"type_number":6,"hex":"b7000000010000009500000000000000",
		 "maps":[{"insn":0,"map":".bss"},{"insn":2,"map":".data.long_name"},{"insn":4,"map":"m"}]}`
		same = `{"name":"p","accepted":true,"type_number":6,"hex":"b7000000010000009500000000000000",
		 "maps":[{"insn":0,"map":"object.bss"},{"insn":2,"map":".data.long"},{"insn":4,"map":"m"}]}`
		probe   = `{"name":"","accepted":true,"hex":"9500000000000000"}`
		refused = `{"name":"p","accepted":false,"hex":"00"}`
		other   = `{"name":"p","accepted":true,"type_number":7,"hex":"b7000000020000009500000000000000"}`
	)
	for name, tc := range map[string]struct {
		theirs string
		fields int
		want   string
	}{
		"same":            {same, 1, ""},
		"after a probe":   {probe + "," + same, 1, ""},
		"the nearest one": {other + "," + same, 1, ""},
		"not accepted":    {refused, 0, ""},
		"other": {other, 1, "handed/p/type_number:6:7 handed/p/insns:#0=b700000001000000:#0=b700000002000000 " +
			"handed/p/maps:0=.bss 2=.data 4=m:"},
	} {
		t.Run(name, func(t *testing.T) {
			fields, diffs := compareHanded(decode(ours), decode(tc.theirs))
			var got []string
			for _, d := range diffs {
				got = append(got, d.String())
			}
			if fields != tc.fields || strings.Join(got, " ") != tc.want {
				t.Errorf("got %d, %q; want %d, %q", fields, got, tc.fields, tc.want)
			}
		})
	}
}

func TestAskSaysWhatWentWrong(t *testing.T) {
	program := filepath.Join(t.TempDir(), "bpfload")
	for name, tc := range map[string]struct{ script, verdict, problem string }{
		"error document":  {`echo '{"schema":"bpfload/error/v1","message":"bad"}'; exit 65`, "error", "bad"},
		"error on stderr": {`echo '{"schema":"bpfload/error/v1","message":"bad"}' >&2; exit 65`, "error", "bad"},
		"panic":           {`echo 'panic: oops' >&2; exit 2`, "crash", "panic: oops"},
		"hang":            {`exec sleep 60`, "crash", "no result"},
	} {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(program, []byte("#!/bin/sh\n"+tc.script+"\n"), 0o755); err != nil {
				t.Fatal(err)
			}
			doc := ask(program, "open", "x.o", 2*time.Second)
			if doc.Verdict != tc.verdict || !strings.Contains(doc.Error, tc.problem) {
				t.Errorf("got %q: %q", doc.Verdict, doc.Error)
			}
		})
	}
}

func TestReport(t *testing.T) {
	path := filepath.Join(t.TempDir(), "explained.txt")
	text := "# comment\n\nold/* libbpf verdict:ok:error:too*old libbpf has no such dialect\nold/* * map/*/pinning unused\n"
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	entries, err := readExplained(path)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	r := newReport(&out, entries, false)
	r.object("old/a.o", []finding{{oracle: "libbpf", fields: 1, diffs: []difference{{path: "verdict", ours: "ok", theirs: "error", theirNote: "too old"}}}})
	r.object("old/b.o", []finding{{oracle: "cilium", fields: 2, diffs: []difference{{path: "verdict", ours: "ok", theirs: "error", theirNote: "too old"}}}})
	if r.finish(true) {
		t.Error("finish reports success")
	}
	for _, want := range []string{
		`old/b.o: verdict: bpfload "ok", cilium "error" (too old)`,
		"explained.txt:4: explains nothing",
		"2 objects, 3 fields compared, 1 differences unexplained, 1 explained",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("report lacks %q:\n%s", want, &out)
		}
	}
	if strings.Contains(out.String(), "explained.txt:3") || strings.Contains(out.String(), "a.o:") {
		t.Errorf("report says too much:\n%s", &out)
	}
	if r := newReport(&out, entries[1:], false); r.finish(false) {
		t.Error("finish reports success without objects")
	}
	r = newReport(&out, entries, false)
	r.object("old/c.o", []finding{{oracle: "libbpf", fields: 1}})
	if !r.finish(false) || r.finish(true) {
		t.Error("unused entries count with strict only")
	}
}
