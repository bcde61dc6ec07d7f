// SPDX-License-Identifier: MIT

package verify

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bpfload/bpfload/internal/golden"
)

// documents are of every kind that a report can hold.
func documents() []*Document {
	return []*Document{
		{
			Schema: Schema, File: "out/conn track.o", Verdict: "rejected", Maps: 2,
			Programs: []Program{
				{Name: "track", Section: "xdp", Verdict: "ok", Insns: 40, States: 3, Stack: 16, Seconds: 0.0015, Processed: 120},
				{Name: "wrong", Section: "tc", Verdict: "rejected", Insns: 12, Seconds: 0.0005, Code: "verifier/null-pointer",
					Error: "R0 invalid mem access 'map_value_or_null'", Help: "the lookup may return NULL; test the pointer before using it",
					Source: &Source{File: "src/conn.c", Line: 24, Column: 9, Text: "    return *v;", Insn: 7}, Log: "7: (61) r0 = *(u32 *)(r0 +0)\nR0 invalid mem access 'map_value_or_null'\n"},
				{Name: "nowhere", Section: "kprobe/f", Verdict: "rejected", Code: "program-refused", Error: "invalid argument: 100 % <of> it,\nand more"},
				{Name: "spare", Section: "?xdp", Verdict: "skipped"},
			},
			Regressions: []string{`program "track": 120 instructions looked at, 100 before`},
		},
		{Schema: Schema, File: "old.o", Verdict: "rejected", Programs: []Program{}, Error: "the object is for big-endian machines", Help: "compile with -target bpf"},
		{Schema: Schema, File: "maps.o", Verdict: "accepted", Maps: 1, Programs: []Program{}},
	}
}

// The module in schema checks the SARIF that is written here against the schema.
func TestGoldenFormats(t *testing.T) {
	for _, format := range Formats {
		var b bytes.Buffer
		if err := Write(&b, format, documents()); err != nil {
			t.Fatal(err)
		}
		golden.Check(t, "testdata/golden/report."+format, b.Bytes())
	}
}

// What reads JUnit counts cases and failures: they have to be those of the attributes,
// and every object that was not accepted has a failure.
func TestJUnitCounts(t *testing.T) {
	var b bytes.Buffer
	if err := Write(&b, "junit", documents()); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Suites []struct {
			Name     string `xml:"name,attr"`
			Tests    int    `xml:"tests,attr"`
			Failures int    `xml:"failures,attr"`
			Skipped  int    `xml:"skipped,attr"`
			Cases    []struct {
				Failure *struct{} `xml:"failure"`
				Skipped *struct{} `xml:"skipped"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	docs := documents()
	if len(got.Suites) != len(docs) {
		t.Fatalf("%d suites", len(got.Suites))
	}
	for i, s := range got.Suites {
		failures, skipped := 0, 0
		for _, c := range s.Cases {
			if c.Failure != nil {
				failures++
			}
			if c.Skipped != nil {
				skipped++
			}
		}
		if s.Tests != len(s.Cases) || s.Failures != failures || s.Skipped != skipped {
			t.Errorf("%s: attributes say %d, %d, %d; there are %d cases, %d failures, %d skipped", s.Name, s.Tests, s.Failures, s.Skipped, len(s.Cases), failures, skipped)
		}
		if (failures > 0) != (docs[i].Verdict == "rejected") {
			t.Errorf("%s is %s and has %d failures", s.Name, docs[i].Verdict, failures)
		}
	}
}

// Each line is a workflow command, whatever the texts are.
func TestGitHubLines(t *testing.T) {
	docs := documents()
	docs[0].File = "a,b:c\n::error::x"
	docs[0].Programs[1].Name = "x\n::stop-commands::y"
	var b bytes.Buffer
	if err := Write(&b, "github", docs); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(b.String()) {
		if !strings.HasPrefix(line, "::error ") && !strings.HasPrefix(line, "::notice ") {
			t.Errorf("not a command: %q", line)
		}
	}
}

func TestBaseline(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		p := filepath.Join(dir, name)
		if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return p
	}
	with := func(processed int, verdict string) *Document {
		return &Document{Schema: Schema, File: "a.o", Verdict: "accepted", Programs: []Program{{Name: "p", Verdict: verdict, Processed: processed}}}
	}
	var b bytes.Buffer
	if err := Write(&b, "json", []*Document{with(1000, "ok")}); err != nil {
		t.Fatal(err)
	}
	before, err := ReadBaseline(write("base.json", b.String()))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		doc  *Document
		max  int
		want int
	}{
		"the same":        {with(1000, "ok"), 0, 0},
		"a little more":   {with(1050, "ok"), 0, 0},
		"more":            {with(1051, "ok"), 0, 1},
		"less":            {with(10, "ok"), 0, 0},
		"over the limit":  {with(900, "ok"), 899, 1},
		"over both":       {with(2000, "ok"), 899, 2},
		"on the limit":    {with(900, "ok"), 900, 0},
		"skipped is none": {with(0, "skipped"), 1, 0},
		"rejected":        {with(2000, "rejected"), 100, 1},
	} {
		c.doc.Check(before, c.max)
		if len(c.doc.Regressions) != c.want {
			t.Errorf("%s: %q, want %d", name, c.doc.Regressions, c.want)
		}
	}
	for name, text := range map[string]string{"empty": "", "other.json": `{"schema":"bpfload/load/v1"}`, "list.json": "[1]"} {
		if got, err := ReadBaseline(write(name, text)); err == nil || got != nil {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

// An object is found by its whole name, then by the last part of it, and what cannot be
// compared is told.
func TestBaselineObjects(t *testing.T) {
	doc := func(file string, processed int, programs ...string) *Document {
		d := &Document{Schema: Schema, File: file, Programs: []Program{}}
		for _, p := range programs {
			d.Programs = append(d.Programs, Program{Name: p, Verdict: "ok", Processed: processed})
		}
		return d
	}
	var text bytes.Buffer
	if err := Write(&text, "json", []*Document{doc("a/x.o", 1000, "p"), doc("b/x.o", 10, "p"), doc("old/y.o", 10, "p", "q", "r")}); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "baseline.json")
	if err := os.WriteFile(name, text.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	before, err := ReadBaseline(name)
	if err != nil {
		t.Fatal(err)
	}
	skipped := doc("y.o", 10, "p", "q", "new")
	skipped.Programs[1].Verdict = "skipped"
	for name, c := range map[string]struct {
		doc                   *Document
		regressions, warnings []string
	}{
		"the first of one name":  {doc("a/x.o", 1000, "p"), nil, nil},
		"the second of one name": {doc("b/x.o", 20, "p"), []string{`program "p": the verifier looked at 20 instructions, 10 before`}, nil},
		"neither":                {doc("c/x.o", 20, "p"), nil, []string{"the baseline has no such object, or several: nothing is compared"}},
		"moved":                  {doc("new/y.o", 20, "p", "q", "r"), []string{`program "p": the verifier looked at 20 instructions, 10 before`, `program "q": the verifier looked at 20 instructions, 10 before`, `program "r": the verifier looked at 20 instructions, 10 before`}, nil},
		"other programs": {skipped, nil, []string{`program "q" was verified for the baseline and is skipped`,
			`program "new" is not in the baseline`, `program "r" of the baseline is gone`}},
	} {
		t.Run(name, func(t *testing.T) {
			c.doc.Check(before, 0)
			var warnings []string
			for _, w := range c.doc.Warnings {
				warnings = append(warnings, w.Message)
			}
			if diff := cmp.Diff(c.regressions, c.doc.Regressions); diff != "" {
				t.Errorf("regressions (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.warnings, warnings); diff != "" {
				t.Errorf("warnings (-want +got):\n%s", diff)
			}
		})
	}
}

func TestURI(t *testing.T) {
	got := map[string]string{}
	for _, name := range []string{"", "a.o", "a b%.o", "/x/ü.o", "a:b.o", "./a#?.o", "dir/c:d"} {
		got[name] = uri(name)
	}
	want := map[string]string{"": ".", "a.o": "a.o", "a b%.o": "a%20b%25.o", "/x/ü.o": "/x/%C3%BC.o", "a:b.o": "a%3Ab.o", "./a#?.o": "./a%23%3F.o", "dir/c:d": "dir/c%3Ad"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func ExampleWrite() {
	docs := []*Document{{Schema: Schema, File: "a.o", Verdict: "accepted", Programs: []Program{{Name: "count", Section: "xdp", Verdict: "ok", Insns: 12, Processed: 30, Stack: 8}}}}
	var b strings.Builder
	fmt.Println(Write(&b, "github", docs))
	fmt.Print(b.String())
	// Output:
	// <nil>
	// ::notice file=a.o::program count: 12 instructions, 30 looked at, 8 bytes of stack
}
