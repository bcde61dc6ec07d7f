// SPDX-License-Identifier: MIT

package inspect

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/bpfload/bpfload/internal/plain"
)

// A graph is the picture of an object: attach points on the left, programs, and
// the maps they use.
type graph struct {
	nodes []node
	edges []edge
}

type nodeKind int

const (
	hookNode nodeKind = iota
	programNode
	mapNode
	dataNode
)

type node struct {
	id    string // a letter and a number, safe in both languages
	kind  nodeKind
	lines []string
}

type edge struct {
	from, to string
	label    string
	dashed   bool // a tail call or a slot, not a use by code
}

// Uses says which maps a program's instructions refer to, by name and in the
// order of first use.
type Uses func(program string) []string

// makeGraph derives the picture from the document and the maps that each program
// uses.
func (d *Document) makeGraph(uses Uses) *graph {
	g := &graph{}
	maps := make(map[string]string)
	programs := make(map[string]string)
	for i, p := range d.Programs {
		id := fmt.Sprintf("p%d", i)
		programs[p.Name] = id
		g.nodes = append(g.nodes, node{id, programNode, []string{p.Name, p.Type}})
		if hook := p.hook(); hook != "" {
			h := fmt.Sprintf("h%d", i)
			g.nodes = append(g.nodes, node{h, hookNode, []string{hook}})
			g.edges = append(g.edges, edge{from: h, to: id})
		}
	}
	for i, m := range d.Maps {
		id := fmt.Sprintf("m%d", i)
		maps[m.Name] = id
		kind := mapNode
		if m.Origin == "data" || m.Origin == "kconfig" || m.Origin == "arena" {
			kind = dataNode
		}
		label := []string{m.Name, m.Type}
		if m.Inner != nil {
			label[1] += " of " + m.Inner.Type
		}
		g.nodes = append(g.nodes, node{id, kind, label})
	}
	for _, p := range d.Programs {
		for _, name := range uses(p.Name) {
			if to, ok := maps[name]; ok {
				g.edges = append(g.edges, edge{from: programs[p.Name], to: to})
			}
		}
		if p.TailCall != nil {
			if from, ok := maps[p.TailCall.Map]; ok {
				g.edges = append(g.edges, edge{from, programs[p.Name], fmt.Sprint(p.TailCall.Index), true})
			}
		}
	}
	for _, m := range d.Maps {
		for _, v := range m.Values {
			to, ok := maps[v.Map]
			if v.Program != "" {
				to, ok = programs[v.Program]
			}
			if ok {
				g.edges = append(g.edges, edge{maps[m.Name], to, fmt.Sprint(v.Index), true})
			}
		}
	}
	return g
}

// hook names what runs the program: its section, unless that only repeats the
// type or is a slot of a prog array.
func (p *Program) hook() string {
	if p.TailCall != nil || p.Section == "" {
		return ""
	}
	return p.Section
}

// WriteMermaid writes the picture as a Mermaid flowchart.
func (d *Document) WriteMermaid(w io.Writer, uses Uses) error {
	g := d.makeGraph(uses)
	b := bufio.NewWriter(w)
	fmt.Fprintln(b, "flowchart LR")
	shapes := map[nodeKind][2]string{hookNode: {"([", "])"}, programNode: {"[", "]"}, mapNode: {"[(", ")]"}, dataNode: {"[/", "/]"}}
	for _, n := range g.nodes {
		lines := make([]string, len(n.lines))
		for i, l := range n.lines {
			lines[i] = mermaidText.Replace(plain.Line(l))
		}
		s := shapes[n.kind]
		fmt.Fprintf(b, "  %s%s\"%s\"%s\n", n.id, s[0], strings.Join(lines, "<br/>"), s[1])
	}
	for _, e := range g.edges {
		arrow := "-->"
		if e.dashed {
			arrow = "-.->"
		}
		if e.label != "" {
			arrow += "|" + e.label + "|"
		}
		fmt.Fprintf(b, "  %s %s %s\n", e.from, arrow, e.to)
	}
	return b.Flush()
}

// mermaidText escapes what Mermaid would read as markup within a quoted label.
var mermaidText = strings.NewReplacer("&", "&amp;", `"`, "#quot;", "<", "&lt;", ">", "&gt;", "#", "#35;")

// WriteDot writes the picture in the language of Graphviz.
func (d *Document) WriteDot(w io.Writer, uses Uses) error {
	g := d.makeGraph(uses)
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "digraph %s {\n  rankdir=LR;\n  node [fontname=\"sans-serif\"];\n", dotQuote(d.File))
	shapes := map[nodeKind]string{hookNode: "oval", programNode: "box", mapNode: "cylinder", dataNode: "note"}
	for _, n := range g.nodes {
		fmt.Fprintf(b, "  %s [shape=%s, label=%s];\n", n.id, shapes[n.kind], dotQuote(strings.Join(n.lines, "\n")))
	}
	for _, e := range g.edges {
		var attrs []string
		if e.dashed {
			attrs = append(attrs, "style=dashed")
		}
		if e.label != "" {
			attrs = append(attrs, "label="+dotQuote(e.label))
		}
		if len(attrs) > 0 {
			fmt.Fprintf(b, "  %s -> %s [%s];\n", e.from, e.to, strings.Join(attrs, ", "))
		} else {
			fmt.Fprintf(b, "  %s -> %s;\n", e.from, e.to)
		}
	}
	fmt.Fprintln(b, "}")
	return b.Flush()
}

// dotQuote makes a quoted identifier; a newline becomes Graphviz' line break.
func dotQuote(s string) string {
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		lines[i] = strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(plain.Line(l))
	}
	return `"` + strings.Join(lines, `\n`) + `"`
}
