// SPDX-License-Identifier: MIT

package verifierlog

import (
	"strconv"
	"strings"
)

// numRegisters is r0 to r10 and r11, which Linux 7.x uses for arguments on the
// stack.
const numRegisters = 12

// maxUse is the length of "_rwP" and the like, which tell how a register is used.
const maxUse = 4

// state is what the log last said of each register.
type state [numRegisters]Register

func (s *state) reset() { *s = state{} }

func (s *state) forget(m mask) {
	for i := 0; m != 0; i, m = i+1, m>>1 {
		if m&1 != 0 {
			s[i] = Register{}
		}
	}
}

func (s *state) registers() []Register {
	var list []Register
	for _, r := range s {
		if r.Name != "" {
			list = append(list, r)
		}
	}
	return list
}

// startsState reports whether s begins the way the verifier prints a state:
//
//	R0_w=map_value(off=0,ks=4,vs=8,imm=0) R10=fp0 fp-8=mmmm???? refs=2
//	frame1: R1=ctx() R10=fp0 cb
func startsState(s string) bool {
	s = cutFrame(s)
	if strings.HasPrefix(s, "refs=") || s == "cb" || s == "async_cb" {
		return true
	}
	name, _, ok := cutAssign(s)
	return ok && (name[0] == 'R' || strings.HasPrefix(name, "fp-"))
}

// cutFrame removes "frame1: ", which stands before the state of a subprogram.
func cutFrame(s string) string {
	rest, ok := strings.CutPrefix(s, "frame")
	if !ok {
		return s
	}
	if n := digits(rest); n > 0 && strings.HasPrefix(rest[n:], ": ") {
		return rest[n+2:]
	}
	return s
}

// cutAssign splits "R0_w=value..." into the register or stack slot, without what
// says how it is used, and what follows the equals sign.
func cutAssign(s string) (name, rest string, ok bool) {
	i := 0
	switch {
	case strings.HasPrefix(s, "R"):
		i = 1
	case strings.HasPrefix(s, "fp-"):
		i = 3
	default:
		return "", "", false
	}
	n := digits(s[i:])
	if n == 0 || n > 4 {
		return "", "", false
	}
	name, s = s[:i+n], s[i+n:]
	use := strings.IndexByte(s[:min(len(s), maxUse+1)], '=')
	if use < 0 || use > 0 && s[0] != '_' {
		return "", "", false
	}
	return name, s[use+1:], true
}

// update takes over the registers of a printed state.
func (s *state) update(text string) {
	text = cutFrame(text)
	for text != "" {
		name, rest, ok := cutAssign(text)
		if !ok {
			_, text, _ = strings.Cut(text, " ")
			continue
		}
		n := valueLen(rest)
		if name[0] == 'R' {
			if i, err := strconv.Atoi(name[1:]); err == nil && i < numRegisters {
				s[i] = Register{Name: name, State: rest[:n]}
			}
		}
		text = strings.TrimLeft(rest[n:], " ")
	}
}

// valueLen returns the length of a value: up to the first space outside
// parentheses.
func valueLen(s string) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '(':
			depth++
		case ')':
			depth--
		case ' ':
			if depth <= 0 {
				return i
			}
		}
	}
	return len(s)
}
