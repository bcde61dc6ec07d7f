// SPDX-License-Identifier: MIT

package verifierlog

// maxMatch bounds the part of a line that is compared with patterns. No message of
// the verifier is longer.
const maxMatch = 1024

// match reports whether the whole of line has the form of pattern, in which %d
// stands for a number and %s for any text, none included.
func match(pattern, line string) bool {
	if len(line) > maxMatch {
		line = line[:maxMatch]
	}
	p, i := 0, 0
	star, from := -1, 0 // the last %s, and where in line what follows it was tried
	for {
		switch {
		case p == len(pattern) && i == len(line):
			return true
		case p+1 < len(pattern) && pattern[p] == '%' && pattern[p+1] == 's':
			p += 2
			star, from = p, i
			continue
		case p+1 < len(pattern) && pattern[p] == '%' && pattern[p+1] == 'd':
			if n := signedDigits(line[i:]); n > 0 {
				p, i = p+2, i+n
				continue
			}
		case p < len(pattern) && i < len(line) && pattern[p] == line[i]:
			p, i = p+1, i+1
			continue
		}
		if star < 0 || from >= len(line) {
			return false
		}
		from++
		p, i = star, from
	}
}

func signedDigits(s string) int {
	if s != "" && s[0] == '-' {
		if n := digits(s[1:]); n > 0 {
			return 1 + n
		}
		return 0
	}
	return digits(s)
}

// numberAfter returns the decimal number that follows the first mark in line.
func numberAfter(line, mark string) (int, bool) {
	for i := 0; i+len(mark) < len(line); i++ {
		if line[i:i+len(mark)] != mark {
			continue
		}
		rest := line[i+len(mark):]
		n := signedDigits(rest)
		if n == 0 || n > 18 {
			continue
		}
		if rest[0] == '-' {
			v, ok := number(rest[1:n])
			return -v, ok
		}
		return number(rest[:n])
	}
	return 0, false
}
