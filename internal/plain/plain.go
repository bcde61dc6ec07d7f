// SPDX-License-Identifier: MIT

// Package plain escapes what a terminal might act on: control characters of both
// sets, DEL, marks that turn the direction of writing, and bytes that are no text.
// Names in an object are chosen by whoever made it.
package plain

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

func odd(r rune) bool { return !unicode.IsPrint(r) }

func oddInLines(r rune) bool { return r != '\n' && odd(r) }

// Line escapes the way Go does, in text that is to stay on one line.
func Line(s string) string { return escape(s, odd) }

// Lines is [Line] for text that may have several lines.
func Lines(s string) string { return escape(s, oddInLines) }

// Count says "1 byte", "2 bytes", "3 entries".
func Count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	if stem, ok := strings.CutSuffix(what, "y"); ok {
		what = stem + "ie"
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// Path returns the path of a file as it is, or in quotes if a terminal would make
// something else of it.
func Path(p string) string {
	if p != "" && Line(p) == p {
		return p
	}
	return strconv.Quote(p)
}

func escape(s string, odd func(rune) bool) string {
	if utf8.ValidString(s) && strings.IndexFunc(s, odd) < 0 {
		return s
	}
	out := make([]byte, 0, len(s)+64)
	for i, r := range s {
		switch _, n := utf8.DecodeRuneInString(s[i:]); {
		case r == utf8.RuneError && n == 1:
			out = fmt.Appendf(out, `\x%02x`, s[i])
		case odd(r):
			quoted := strconv.QuoteRune(r)
			out = append(out, quoted[1:len(quoted)-1]...)
		default:
			out = utf8.AppendRune(out, r)
		}
	}
	return string(out)
}

// Marshal returns a value as an indented JSON document without a line break at its
// end; prefix begins all lines but the first.
func Marshal(v any, prefix string) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetIndent(prefix, "  ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return JSON(bytes.TrimSuffix(b.Bytes(), []byte("\n"))), nil
}

// JSON escapes, in a document, what JSON allows raw within a string.
func JSON(doc []byte) []byte {
	if bytes.IndexFunc(doc, oddInLines) < 0 {
		return doc
	}
	out := make([]byte, 0, len(doc)+64)
	for _, r := range string(doc) {
		switch {
		case !oddInLines(r):
			out = utf8.AppendRune(out, r)
		case r <= 0xffff:
			out = fmt.Appendf(out, `\u%04x`, r)
		default:
			high, low := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
		}
	}
	return out
}
