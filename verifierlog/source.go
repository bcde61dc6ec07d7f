// SPDX-License-Identifier: MIT

package verifierlog

import (
	"strconv"
	"strings"
)

// parseSource reads the text of an annotation, "v->count++; @ conn.c:24" or, from
// kernels before 6.9, "v->count++;".
func parseSource(text string) Source {
	i := strings.LastIndex(text, " @ ")
	if i < 0 {
		return Source{Text: text}
	}
	file, line, ok := cutLine(text[i+3:])
	if !ok {
		return Source{Text: text}
	}
	return Source{Text: text[:i], File: file, Line: line}
}

// cutLine splits "conn.c:24".
func cutLine(s string) (file string, line int, ok bool) {
	i := strings.LastIndexByte(s, ':')
	if i <= 0 {
		return "", 0, false
	}
	number := s[i+1:]
	if n := digits(number); n == 0 || n > 8 || n != len(number) {
		return "", 0, false
	}
	line, err := strconv.Atoi(number)
	return s[:i], line, err == nil
}
