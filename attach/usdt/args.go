// SPDX-License-Identifier: MIT

package usdt

import (
	"debug/elf"
	"fmt"
	"strconv"
	"strings"
)

// MaxArgs is how many arguments usdt.bpf.h has room for.
const MaxArgs = 12

// How an argument is found.
const (
	constant  = 0 // it is offset
	register  = 1
	memory    = 2 // at a register's value plus offset
	memorySIB = 3 // at a register's value plus a scaled other one plus offset
)

// An Arg says where an argument is when the probe is hit.
type Arg struct {
	kind     uint8
	offset   int64 // added to the address, or the constant
	register int   // offset of the register in struct pt_regs
	index    int   // of the scaled one
	scale    uint8 // by which the index is shifted
	size     uint8 // in bytes: 1, 2, 4 or 8
	signed   bool
}

// ParseArgs reads the words that describe the arguments of a probe, such as
// "-4@%edi 8@-16(%rbp)", as compilers for that machine write them.
func ParseArgs(machine elf.Machine, text string) ([]Arg, error) {
	parse := operandOf(machine)
	if parse == nil {
		return nil, fmt.Errorf("arguments of static probes are not known for %v", machine)
	}
	var list []Arg
	for word := range words(text) {
		if len(list) == MaxArgs {
			return nil, fmt.Errorf("%w: %q has more than %d arguments", ErrMalformed, text, MaxArgs)
		}
		a, err := parseArg(parse, word)
		if err != nil {
			return nil, fmt.Errorf("argument %d, %q: %w", len(list)+1, word, err)
		}
		list = append(list, a)
	}
	return list, nil
}

// words splits at blanks that stand outside of brackets: "4@[sp, 8]" is one word.
func words(text string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		depth, from := 0, 0
		for i := 0; i <= len(text); i++ {
			if i < len(text) {
				switch text[i] {
				case '(', '[':
					depth++
				case ')', ']':
					depth--
				}
				if text[i] != ' ' || depth > 0 {
					continue
				}
			}
			if from < i && !yield(text[from:i]) {
				return
			}
			from = i + 1
		}
	}
}

// An operand fills in an Arg from what stands behind the "@".
type operand func(a *Arg, text string) bool

func parseArg(parse operand, word string) (Arg, error) {
	size, place, ok := strings.Cut(word, "@")
	n, err := strconv.ParseInt(size, 10, 8)
	if !ok || err != nil {
		if strings.HasSuffix(size, "f") {
			return Arg{}, fmt.Errorf("%w: floating-point arguments are not within reach of a program", ErrMalformed)
		}
		return Arg{}, fmt.Errorf("%w: want SIZE@PLACE", ErrMalformed)
	}
	a := Arg{signed: n < 0, size: uint8(max(n, -n))}
	switch a.size {
	case 1, 2, 4, 8:
	default:
		return Arg{}, fmt.Errorf("%w: a size of %d bytes, want 1, 2, 4 or 8", ErrMalformed, a.size)
	}
	if !parse(&a, strings.ReplaceAll(place, " ", "")) {
		return Arg{}, fmt.Errorf("%w: the place is of no form that is known here", ErrMalformed)
	}
	return a, nil
}

// operandOf returns the syntax of a machine's assembler. Registers are given by their
// place in struct pt_regs as programs see it (arch/*/include/uapi/asm/ptrace.h).
func operandOf(machine elf.Machine) operand {
	switch machine {
	case elf.EM_X86_64:
		return x86Operand
	case elf.EM_AARCH64:
		return bracketOperand("", arm64Register)
	case elf.EM_ARM:
		return bracketOperand("#", armRegister)
	case elf.EM_RISCV:
		return parenOperand(riscvRegister)
	case elf.EM_S390:
		return parenOperand(s390Register)
	}
	return nil
}

// x86Operand reads $N, %REG, N(%REG), N(%REG,%REG,SCALE).
func x86Operand(a *Arg, text string) bool {
	if rest, ok := strings.CutPrefix(text, "$"); ok {
		return a.constant(rest)
	}
	if strings.HasPrefix(text, "%") {
		return a.register1(register, text, x86Register)
	}
	before, inside, ok := cutParen(text)
	if !ok || !a.number(before) {
		return false
	}
	parts := strings.Split(inside, ",")
	if len(parts) == 1 {
		return a.register1(memory, parts[0], x86Register)
	}
	scale := "1"
	if len(parts) == 3 {
		scale = parts[2]
	}
	if len(parts) > 3 || !a.register1(memorySIB, parts[0], x86Register) {
		return false
	}
	a.index, ok = x86Register(parts[1])
	shift := strings.Index("1248", scale)
	a.scale = uint8(max(shift, 0))
	return ok && shift >= 0 && len(scale) == 1
}

// parenOperand reads N, REG, N(REG).
func parenOperand(lookup func(string) (int, bool)) operand {
	return func(a *Arg, text string) bool {
		if before, inside, ok := cutParen(text); ok {
			return a.number(before) && a.register1(memory, inside, lookup)
		}
		return a.register1(register, text, lookup) || a.constant(text)
	}
}

// bracketOperand reads N, REG, [REG], [REG,N], where mark stands before numbers.
func bracketOperand(mark string, lookup func(string) (int, bool)) operand {
	return func(a *Arg, text string) bool {
		inside, ok := strings.CutPrefix(text, "[")
		if !ok {
			if a.register1(register, text, lookup) {
				return true
			}
			text, ok = strings.CutPrefix(text, mark)
			return ok && a.constant(text)
		}
		if inside, ok = strings.CutSuffix(inside, "]"); !ok {
			return false
		}
		name, number, hasNumber := strings.Cut(inside, ",")
		if hasNumber {
			if number, ok = strings.CutPrefix(number, mark); !ok || number == "" || !a.number(number) {
				return false
			}
		}
		return a.register1(memory, name, lookup)
	}
}

func cutParen(text string) (before, inside string, ok bool) {
	before, inside, ok = strings.Cut(text, "(")
	if ok {
		inside, ok = strings.CutSuffix(inside, ")")
	}
	return before, inside, ok
}

func (a *Arg) constant(text string) bool {
	a.kind, a.register = constant, 0
	return text != "" && a.number(text)
}

func (a *Arg) register1(kind uint8, name string, lookup func(string) (int, bool)) (ok bool) {
	a.kind = kind
	a.register, ok = lookup(name)
	return ok
}

// number reads an offset, which may be left out.
func (a *Arg) number(text string) bool {
	if text == "" {
		return true
	}
	n, err := strconv.ParseInt(text, 0, 64)
	if err != nil {
		// Constants of 64 bits are written without a sign.
		u, err := strconv.ParseUint(text, 0, 64)
		a.offset = int64(u)
		return err == nil
	}
	a.offset = n
	return true
}
