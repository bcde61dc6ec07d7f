// SPDX-License-Identifier: MIT

package verifierlog

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	tabWidth = 4        // columns that stand for a tab
	maxWidth = 400      // columns shown of any one line
	maxBytes = 16 << 10 // more than any line of that width takes
)

// printable makes text from a log or an object safe to print on one line: tabs
// become spaces, what is not printable is escaped the way Go does it, and what is
// too long is cut.
func printable(s string) string {
	var b strings.Builder
	width := 0
	for s != "" {
		if width >= maxWidth {
			b.WriteString("...")
			break
		}
		c, n := utf8.DecodeRuneInString(s)
		part := show(c, s[:n])
		b.WriteString(part)
		width += utf8.RuneCountInString(part)
		s = s[n:]
	}
	return b.String()
}

// oneLine puts text that goes over several lines of a log onto one.
func oneLine(s string) string {
	s = strings.TrimSpace(s)
	return strings.Join(strings.Fields(s[:min(len(s), maxBytes)]), " ")
}

// show returns what is printed for one character.
func show(c rune, raw string) string {
	switch {
	case c == '\t':
		return strings.Repeat(" ", tabWidth)
	case c == utf8.RuneError && len(raw) == 1:
		return `\x` + strconv.FormatUint(uint64(raw[0])|1<<8, 16)[1:]
	case strconv.IsPrint(c):
		return raw
	}
	quoted := strconv.QuoteRune(c)
	return quoted[1 : len(quoted)-1]
}

// caret returns how many columns stand before a column of text, counted in bytes
// from 1, when text is printed.
func caret(text string, column int) (indent int, ok bool) {
	if column < 1 || column > len(text) {
		return 0, false
	}
	indent = utf8.RuneCountInString(printable(text[:column-1]))
	return indent, indent < maxWidth
}
