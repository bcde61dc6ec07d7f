// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"github.com/bpfload/bpfload/compare/oracle"
)

// ask runs `bpfload inspect --json` or `bpfload verify --json` on one object
// and puts the answer into the oracles' form. Words before are put before the
// command.
func ask(bpfload, mode, file string, timeout time.Duration, before ...string) oracle.Document {
	verb := map[string]string{"open": "inspect", "load": "verify"}[mode]
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	words := append(before, bpfload, verb, "--json", file)
	cmd := exec.CommandContext(ctx, words[0], words[1:]...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	doc := oracle.Document{Oracle: "bpfload", Mode: mode, File: file}
	switch {
	case ctx.Err() != nil:
		doc.Verdict, doc.Error = "crash", fmt.Sprintf("no result within %v", timeout)
	case !understand(&doc, stdout.Bytes()) && !understand(&doc, stderr.Bytes()):
		doc.Verdict, doc.Error = "crash", fmt.Sprintf("no JSON on stdout (%v): %s", err, firstLine(stderr.String()))
	}
	return doc
}

// understand reads any document that bpfload prints into doc.
func understand(doc *oracle.Document, text []byte) bool {
	var answer struct {
		Schema  string `json:"schema"`
		Message string `json:"message"`
	}
	if json.Unmarshal(text, &answer) != nil {
		return false
	}
	switch {
	case strings.HasPrefix(answer.Schema, "bpfload/error/"):
		doc.Verdict, doc.Error = "error", answer.Message
		return true
	case strings.HasPrefix(answer.Schema, "bpfload/inspect/"):
		return understandInspect(doc, text)
	case strings.HasPrefix(answer.Schema, "bpfload/verify/"):
		return understandVerify(doc, text)
	}
	return false
}

type ourMap struct {
	oracle.Map
	Pinning any     `json:"pinning"`
	Inner   *ourMap `json:"inner"`
	Values  []struct {
		Index   uint32 `json:"index"`
		Map     string `json:"map"`
		Program string `json:"program"`
	} `json:"values"`
	Origin string `json:"origin"`
}

func understandInspect(doc *oracle.Document, text []byte) bool {
	var answer struct {
		ELF struct {
			License       *string `json:"license"`
			KernelVersion *uint32 `json:"kernel_version"`
		} `json:"elf"`
		Maps      []ourMap          `json:"maps"`
		Programs  []oracle.Program  `json:"programs"`
		Variables []oracle.Variable `json:"variables"`
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		doc.Error = err.Error()
		return false
	}
	doc.Verdict = "ok"
	doc.Maps, doc.Programs = []oracle.Map{}, []oracle.Program{}
	doc.License, doc.KernelVersion = answer.ELF.License, answer.ELF.KernelVersion
	for _, m := range answer.Maps {
		doc.Maps = append(doc.Maps, m.plain())
		doc.Legacy = doc.Legacy || m.Origin == "legacy"
	}
	doc.Variables = append([]oracle.Variable{}, answer.Variables...)
	doc.Programs = append(doc.Programs, answer.Programs...)
	return true
}

func (m *ourMap) plain() oracle.Map {
	p := m.Map
	p.Inner, p.Values = nil, nil
	mode := pinning(m.Pinning)
	p.Pinning = &mode
	if p.MapExtra == nil {
		p.MapExtra = new(uint64) // what the document leaves out is 0
	}
	if p.NumaNode == nil {
		p.NumaNode = new(uint32)
	}
	if m.Origin != "data" && m.Origin != "kconfig" && m.Origin != "arena" {
		p.Section = "" // of definitions, the name tells them apart
	} else if m.Origin == "kconfig" {
		p.Section = ".kconfig"
	}
	if m.Inner != nil {
		inner := m.Inner.plain()
		p.Inner = &inner
	}
	for _, v := range m.Values {
		p.Values = append(p.Values, oracle.Slot{Index: v.Index, Name: v.Map + v.Program})
	}
	return p
}

// pinning reads the two ways in which the field can be said.
func pinning(v any) uint32 {
	switch v := v.(type) {
	case float64:
		return uint32(v)
	case string:
		var number uint32
		if _, err := fmt.Sscanf(v, "unknown(%d)", &number); err == nil {
			return number
		}
		if v != "" && v != "none" {
			return 1
		}
	}
	return 0
}

func understandVerify(doc *oracle.Document, text []byte) bool {
	var answer struct {
		Verdict  string `json:"verdict"`
		Error    string `json:"error"`
		Programs []struct {
			Name      string `json:"name"`
			Section   string `json:"section"`
			Verdict   string `json:"verdict"`
			Processed int    `json:"processed"` // by the verifier
			Error     any    `json:"error"`
		} `json:"programs"`
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		doc.Error = err.Error()
		return false
	}
	doc.Verdict, doc.Error = answer.Verdict, answer.Error
	doc.Programs = []oracle.Program{}
	for _, p := range answer.Programs {
		program := oracle.Program{Name: p.Name, Section: p.Section, Verdict: p.Verdict, VerifiedInsns: p.Processed}
		if p.Error != nil {
			program.Error = fmt.Sprint(p.Error)
		}
		if doc.Error == "" && p.Verdict == "rejected" {
			doc.Error = program.Error
		}
		doc.Programs = append(doc.Programs, program)
	}
	return true
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}
