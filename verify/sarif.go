// SPDX-License-Identifier: MIT

package verify

import (
	"cmp"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bpfload/bpfload/explain"
	"github.com/bpfload/bpfload/verifierlog"
)

// The parts of SARIF 2.1.0 that a report needs.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool    sarifTool     `json:"tool"`
		Results []sarifResult `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name  string      `json:"name"`
		Rules []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID    string       `json:"id"`
		Short sarifMessage `json:"shortDescription"`
		Help  sarifMessage `json:"help"`
	}
	sarifMessage struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		RuleID    string          `json:"ruleId"`
		Level     string          `json:"level"`
		Message   sarifMessage    `json:"message"`
		Locations []sarifLocation `json:"locations"`
	}
	sarifLocation struct {
		Physical sarifPhysical  `json:"physicalLocation"`
		Logical  []sarifLogical `json:"logicalLocations,omitempty"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn,omitempty"`
	}
	sarifLogical struct {
		Name string `json:"name"`
		Kind string `json:"kind"`
	}
)

// sarifSchema is where the standard publishes its schema.
const sarifSchema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

// writeSARIF writes one log with a run for all documents.
func writeSARIF(w io.Writer, docs []*Document) error {
	run := sarifRun{Tool: sarifTool{sarifDriver{Name: "bpfload", Rules: []sarifRule{}}}, Results: []sarifResult{}}
	add := func(code, message string, at sarifLocation) {
		if code == "" {
			code = "verifier-rejected"
		}
		if !slices.ContainsFunc(run.Tool.Driver.Rules, func(r sarifRule) bool { return r.ID == code }) {
			run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, rule(code))
		}
		run.Results = append(run.Results, sarifResult{code, "error", sarifMessage{message}, []sarifLocation{at}})
	}
	for _, d := range docs {
		object := sarifLocation{Physical: sarifPhysical{Artifact: sarifArtifact{uri(d.File)}}}
		if d.Error != "" {
			add(cmp.Or(d.Code, "object"), strings.TrimSuffix(d.Error+"\n"+d.Help, "\n"), object)
		}
		for i := range d.Programs {
			p := &d.Programs[i]
			if p.Verdict != "rejected" || d.Error != "" {
				continue
			}
			at := object
			at.Logical = []sarifLogical{{p.Name, "function"}}
			if s := p.Source; s != nil && s.Line > 0 {
				at.Physical = sarifPhysical{sarifArtifact{uri(s.File)}, &sarifRegion{s.Line, s.Column}}
			}
			add(p.Code, p.message(), at)
		}
		for _, r := range d.Regressions {
			add("regression", r, object)
		}
	}
	return writeJSON(w, sarifLog{sarifSchema, "2.1.0", []sarifRun{run}})
}

func rule(code string) sarifRule {
	if c, ok := verifierlog.Lookup(code); ok {
		return sarifRule{code, sarifMessage{c.Title}, sarifMessage{c.Help}}
	}
	if code == "regression" {
		return sarifRule{code, sarifMessage{"a program is harder to verify than it may be, or was"},
			sarifMessage{"find out what changed, or raise --max-insns, or make the baseline anew: bpfload verify --json"}}
	}
	if p, ok := explain.Lookup(code); ok {
		return sarifRule{code, sarifMessage{p.Title}, sarifMessage{p.Text}}
	}
	return sarifRule{code, sarifMessage{code}, sarifMessage{"bpfload explain " + code}}
}

// uri makes a file name a relative or absolute URI reference.
func uri(name string) string {
	u := (&urlPath{filepath.ToSlash(name)}).String()
	if u == "" {
		return "."
	}
	return u
}
