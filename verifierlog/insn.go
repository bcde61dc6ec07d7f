// SPDX-License-Identifier: MIT

package verifierlog

import (
	"strconv"
	"strings"
)

// mask is a set of registers, r0 being bit 0.
type mask uint16

// callerSaved are the registers that a call does not preserve.
const callerSaved mask = 1<<6 - 1

// cutIndex splits "7: rest". An index has at most eight digits: no program has
// more instructions than that.
func cutIndex(line string) (index int, rest string, ok bool) {
	n := digits(line)
	if n == 0 || n > 8 || n == len(line) || line[n] != ':' {
		return 0, "", false
	}
	index, err := strconv.Atoi(line[:n])
	return index, strings.TrimPrefix(line[n+1:], " "), err == nil
}

// digits counts the decimal digits at the beginning of s.
func digits(s string) int {
	n := 0
	for n < len(s) && '0' <= s[n] && s[n] <= '9' {
		n++
	}
	return n
}

// isOpcode reports whether s begins with "(79) ".
func isOpcode(s string) bool {
	return len(s) >= 4 && s[0] == '(' && isHex(s[1]) && isHex(s[2]) && s[3] == ')'
}

func isHex(c byte) bool { return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' }

// cutInsn separates the disassembly of an instruction from what follows on its
// line: after a semicolon a state or a source line; without one the state of the
// instruction that comes next, with its index.
func cutInsn(line string) (text, after string, semicolon bool) {
	if i := strings.Index(line, " ;"); i >= 0 {
		return strings.TrimRight(line[:i], " "), strings.TrimLeft(line[i+2:], " "), true
	}
	for i := 0; ; {
		n := strings.Index(line[i:], ": ")
		if n < 0 {
			break
		}
		i += n
		begin := i
		for begin > 0 && '0' <= line[begin-1] && line[begin-1] <= '9' {
			begin--
		}
		if begin > 0 && begin < i && line[begin-1] == ' ' && startsState(line[i+2:]) {
			return strings.TrimRight(line[:begin], " "), line[begin:], false
		}
		i += 2
	}
	return strings.TrimRight(line, " "), "", false
}

// writes returns the registers that an instruction changes.
func writes(text string) mask {
	if len(text) < 5 {
		return 0
	}
	text = text[5:]
	if strings.HasPrefix(text, "call ") {
		return callerSaved
	}
	if n, rest, ok := cutRegister(text); ok && strings.HasPrefix(rest, " ") && strings.Contains(rest, "=") {
		return 1 << n
	}
	return 0
}

// reads returns the registers whose values an instruction uses. A call names none:
// which argument matters, the message says.
func reads(text string) mask {
	if len(text) < 5 || strings.HasPrefix(text[5:], "call ") {
		return 0
	}
	text = text[5:]
	if _, rest, ok := cutRegister(text); ok && strings.HasPrefix(rest, " = ") {
		text = rest
	}
	return registersIn(text, "rw")
}

// registersIn finds the registers that a text mentions by one of the letters
// given and a number.
func registersIn(text, letters string) mask {
	var m mask
	for i := 0; i < len(text); i++ {
		if strings.IndexByte(letters, text[i]) < 0 || i > 0 && isWord(text[i-1]) {
			continue
		}
		n := digits(text[i+1:])
		if n == 0 || n > 2 || i+1+n < len(text) && isWord(text[i+1+n]) {
			continue
		}
		if r, _ := strconv.Atoi(text[i+1 : i+1+n]); r < numRegisters {
			m |= 1 << r
		}
	}
	return m
}

func isWord(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// cutRegister splits "r0 = ..." or "w0 = ...".
func cutRegister(s string) (n int, rest string, ok bool) {
	if s == "" || s[0] != 'r' && s[0] != 'w' {
		return 0, "", false
	}
	d := digits(s[1:])
	if d == 0 || d > 2 {
		return 0, "", false
	}
	n, _ = strconv.Atoi(s[1 : 1+d])
	return n, s[1+d:], n < numRegisters
}
