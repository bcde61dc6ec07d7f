// SPDX-License-Identifier: MIT

package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"
)

// An explanation says why differences of a kind are right, or not ours to end.
type explanation struct {
	object string // pattern of the end of the object's path
	oracle string // "libbpf", "cilium", "legacy" or "*"
	field  string // pattern of PATH, PATH:OURS:THEIRS or PATH:OURS:THEIRS:REASON, either's
	reason string

	line int
	used int // differences
}

// readExplained reads lines of object, oracle, field and reason, separated by
// blanks; the reason is the rest of the line. # begins a comment line.
func readExplained(path string) ([]*explanation, error) {
	in, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	var entries []*explanation
	lines := bufio.NewScanner(in)
	for number := 1; lines.Scan(); number++ {
		text := strings.TrimSpace(lines.Text())
		if text == "" || text[0] == '#' {
			continue
		}
		words := strings.Fields(text)
		if len(words) < 4 {
			return nil, fmt.Errorf("%s:%d: want an object, an oracle, a field and a reason", path, number)
		}
		entries = append(entries, &explanation{
			object: words[0], oracle: words[1], field: words[2],
			reason: strings.Join(words[3:], " "),
			line:   number,
		})
	}
	return entries, lines.Err()
}

func (e *explanation) explains(oracle string, d difference) bool {
	if e.oracle != "*" && e.oracle != oracle {
		return false
	}
	values := d.String()
	return glob(e.field, d.path) || glob(e.field, values) ||
		d.theirNote != "" && glob(e.field, values+":"+d.theirNote) ||
		d.ourNote != "" && glob(e.field, values+":"+d.ourNote)
}

// globPath matches the last elements of a path.
func globPath(pattern, path string) bool {
	return glob(pattern, path) || glob("*/"+pattern, path)
}

// glob matches text with a pattern in which * is any run of bytes, / included.
func glob(pattern, text string) bool {
	head, rest, star := strings.Cut(pattern, "*")
	if !strings.HasPrefix(text, head) {
		return false
	}
	text = text[len(head):]
	if !star {
		return text == ""
	}
	for {
		head, next, more := strings.Cut(rest, "*")
		if !more {
			return strings.HasSuffix(text, head)
		}
		i := strings.Index(text, head)
		if i < 0 {
			return false
		}
		text, rest = text[i+len(head):], next
	}
}
