// SPDX-License-Identifier: MIT

package usdt

import (
	"slices"
	"strconv"
	"strings"
)

// x86Names has, in the order of struct pt_regs, the names of each register for 8, 4, 2
// and 1 bytes. Between di and ip stands orig_ax, between ip and sp stand cs and flags.
const x86Names = "r15 r15d r15w r15b,r14 r14d r14w r14b,r13 r13d r13w r13b,r12 r12d r12w r12b,rbp ebp bp bpl,rbx ebx bx bl," +
	"r11 r11d r11w r11b,r10 r10d r10w r10b,r9 r9d r9w r9b,r8 r8d r8w r8b,rax eax ax al,rcx ecx cx cl,rdx edx dx dl," +
	"rsi esi si sil,rdi edi di dil,,rip eip ip,,,rsp esp sp spl"

func x86Register(name string) (int, bool) {
	offset := 0
	for names := range strings.SplitSeq(x86Names, ",") {
		for n := range strings.FieldsSeq(names) {
			if "%"+n == name {
				return offset, true
			}
		}
		offset += 8
	}
	return 0, false
}

// arm64Register: x0 to x30, then sp and pc, of 8 bytes each.
func arm64Register(name string) (int, bool) {
	switch name {
	case "sp":
		return 31 * 8, true
	case "pc":
		return 32 * 8, true
	}
	n, ok := numbered(name, "x", 30)
	if !ok {
		n, ok = numbered(name, "w", 30)
	}
	return n * 8, ok
}

const armNames = "r0 r1 r2 r3 r4 r5 r6 r7 r8 r9 r10 fp ip sp lr pc"

func armRegister(name string) (int, bool) {
	if n, ok := numbered(name, "r", 15); ok {
		return n * 4, true
	}
	n := slices.Index(strings.Fields(armNames), name)
	return n * 4, n >= 0
}

// riscvNames are in the order of struct user_regs_struct.
const riscvNames = "pc ra sp gp tp t0 t1 t2 s0 s1 a0 a1 a2 a3 a4 a5 a6 a7 s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 t3 t4 t5 t6"

func riscvRegister(name string) (int, bool) {
	if name == "fp" {
		name = "s0"
	}
	n := slices.Index(strings.Fields(riscvNames), name)
	return n * 8, n >= 0
}

// s390Register: behind a word of arguments and the status word of 16 bytes.
func s390Register(name string) (int, bool) {
	n, ok := numbered(name, "%r", 15)
	return 8 + 16 + n*8, ok
}

// numbered reads PREFIXn with n up to most.
func numbered(name, prefix string, most int) (int, bool) {
	digits, ok := strings.CutPrefix(name, prefix)
	if !ok || len(digits) > 1 && digits[0] == '0' {
		return 0, false
	}
	n, err := strconv.ParseUint(digits, 10, 8)
	return int(n), err == nil && int(n) <= most
}
