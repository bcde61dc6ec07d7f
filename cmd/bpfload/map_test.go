// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func TestProgressLine(t *testing.T) {
	for name, c := range map[string]struct {
		total, at int64
		want      string
	}{
		"start":         {100, 0, "bpfload: imported 7 elements [..............................] 0 %"},
		"half":          {100, 50, "bpfload: imported 7 elements [###############...............] 50 %"},
		"end":           {100, 100, "bpfload: imported 7 elements [##############################] 100 %"},
		"beyond":        {100, 300, "bpfload: imported 7 elements [##############################] 100 %"},
		"no end known":  {0, 5, "bpfload: imported 7 elements"},
		"large numbers": {1 << 40, 1 << 39, "bpfload: imported 7 elements [###############...............] 50 %"},
	} {
		t.Run(name, func(t *testing.T) {
			p := progress{did: "imported", total: c.total}
			if got := p.line(7, c.at); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestProgress(t *testing.T) {
	var out bytes.Buffer
	p := progress{w: &out, did: "exported", next: time.Now().Add(time.Hour)}
	p.show(1, 1)
	p.clear()
	if out.Len() != 0 {
		t.Errorf("a short operation draws %q", out.String())
	}
	p.next = time.Now().Add(-time.Second)
	p.show(2, 2)
	p.show(3, 3) // too soon after
	p.clear()
	if got := out.String(); strings.Count(got, "\r") != 2 || !strings.HasSuffix(got, "\r\x1b[K") || strings.Contains(got, "3 elements") {
		t.Errorf("got %q, want one line and its removal", got)
	}
	// Nobody looks at what is no terminal.
	e := &env{stderr: &out}
	if p := e.progress("exported", 5); p.w != nil {
		t.Error("progress for a buffer")
	}
}
