// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// progress draws one line about a long operation for people at a terminal.
type progress struct {
	w     io.Writer // nil where nobody looks
	did   string
	total int64 // 0 where it is not known
	next  time.Time
	drawn bool
}

// progress begins an operation whose end is at total.
func (e *env) progress(did string, total int64) *progress {
	const quiet = time.Second // short operations draw nothing
	p := &progress{did: did, total: total, next: time.Now().Add(quiet)}
	if f, ok := e.stderr.(*os.File); ok && !e.quiet {
		if _, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS); err == nil {
			p.w = f
		}
	}
	return p
}

// show says that n elements are done and how far that is on the way to the total.
func (p *progress) show(n int, at int64) {
	const often = 100 * time.Millisecond
	if p.w == nil {
		return
	}
	if now := time.Now(); now.After(p.next) {
		p.next, p.drawn = now.Add(often), true
		fmt.Fprintf(p.w, "\r\x1b[K%s", p.line(n, at))
	}
}

func (p *progress) line(n int, at int64) string {
	s := fmt.Sprintf("bpfload: %s %d elements", p.did, n)
	if p.total > 0 {
		const width = 30
		at = min(at, p.total)
		filled := int(width * at / p.total)
		s += fmt.Sprintf(" [%s%s] %d %%", strings.Repeat("#", filled), strings.Repeat(".", width-filled), 100*at/p.total)
	}
	return s
}

// clear removes the line.
func (p *progress) clear() {
	if p.drawn {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}
