// SPDX-License-Identifier: MIT

// Package schema_test validates the SARIF that bpfload writes.
package schema_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	f, err := os.Open("sarif-2.1.0-rtm.5.json")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	doc, err := jsonschema.UnmarshalJSON(f)
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("sarif.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("sarif.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestSARIF validates the golden file, which holds a result of every kind; the schema
// has to be one that notices what is wrong.
func TestSARIF(t *testing.T) {
	good, err := os.ReadFile("../testdata/golden/report.sarif")
	if err != nil {
		t.Fatal(err)
	}
	s := schema(t)
	for name, c := range map[string]struct {
		old, new string
		valid    bool
	}{
		"as written":    {"", "", true},
		"level":         {`"level": "error"`, `"level": "bad"`, false},
		"version":       {`"version": "2.1.0"`, `"version": "2.0.0"`, false},
		"unknown field": {`"startLine"`, `"startLines"`, false},
		"line 0":        {`"startLine": 24`, `"startLine": 0`, false},
		"uri":           {`"uri": "out/`, `"uri": "out /%`, false},
	} {
		text := strings.ReplaceAll(string(good), c.old, c.new)
		if c.old == "" {
			text = string(good)
		} else if text == string(good) {
			t.Fatalf("%s: the golden file has no %s", name, c.old)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader([]byte(text)))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(doc); (err == nil) != c.valid {
			t.Errorf("%s: %v", name, err)
		}
	}
}
