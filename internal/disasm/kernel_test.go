// SPDX-License-Identifier: MIT

package disasm_test

import (
	"bytes"
	"regexp"
	"strconv"
	"testing"

	"github.com/bpfload/bpfload/internal/disasm"
	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/internal/kerneltest"
	"github.com/bpfload/bpfload/internal/sys"
)

// The verifier of the running kernel writes the same words.
func TestKernelWords(t *testing.T) {
	kerneltest.Root(t, "loading a program")
	insns := []elftest.Insn{
		{Op: 0xbf, Dst: 6, Src: 1},               // r6 = r1
		{Op: 0xb7, Dst: 1, Imm: -5},              // r1 = -5
		{Op: 0xb4, Dst: 2, Imm: 7},               // w2 = 7
		{Op: 0x0f, Dst: 2, Src: 1},               // r2 += r1
		{Op: 0x2c, Dst: 2, Src: 1},               // w2 *= w1
		{Op: 0xc7, Dst: 2, Imm: 3},               // r2 s>>= 3
		{Op: 0x37, Dst: 2, Imm: 3},               // r2 /= 3
		{Op: 0xa4, Dst: 2, Imm: 0x55},            // w2 ^= 85
		{Op: 0x87, Dst: 2},                       // r2 = -r2
		{Op: 0xdc, Dst: 2, Imm: 16},              // r2 = be16 r2
		{Op: 0xd4, Dst: 2, Imm: 64},              // r2 = le64 r2
		{Op: 0x7b, Dst: 10, Src: 1, Off: -8},     // *(u64 *)(r10 -8) = r1
		{Op: 0x62, Dst: 10, Off: -16, Imm: -1},   // *(u32 *)(r10 -16) = -1
		{Op: 0x73, Dst: 10, Src: 1, Off: -16},    // *(u8 *)(r10 -16) = r1
		{Op: 0x79, Dst: 3, Src: 10, Off: -8},     // r3 = *(u64 *)(r10 -8)
		{Op: 0x61, Dst: 3, Src: 6, Off: 0},       // r3 = *(u32 *)(r6 +0)
		{Op: 0xdb, Dst: 10, Src: 2, Off: -8},     // lock *(u64 *)(r10 -8) += r2
		{Op: 0x18, Dst: 4, Imm: -1}, {Imm: 0x12}, // r4 = 0x12ffffffff
		{Op: 0x28, Imm: 12},                 // r0 = *(u16 *)skb[12]
		{Op: 0xb7, Dst: 7, Imm: 1},          // r7 = 1
		{Op: 0x50, Src: 7, Imm: 3},          // r0 = *(u8 *)skb[r7 + 3]
		{Op: 0x85, Imm: 5},                  // call bpf_ktime_get_ns#5
		{Op: 0x15, Dst: 0, Imm: -1, Off: 0}, // if r0 == 0xffffffff goto pc+0
		{Op: 0x2d, Dst: 0, Src: 7, Off: 0},  // if r0 > r7 goto pc+0
		{Op: 0xc6, Dst: 0, Imm: 9, Off: 0},  // if w0 s< 0x9 goto pc+0
		{Op: 0x45, Dst: 0, Imm: 4, Off: 0},  // if r0 & 0x4 goto pc+0
		{Op: 0x05},                          // goto pc+0
		{Op: 0xb7, Dst: 2, Imm: 1},          // r2 = 1
	}
	if kerneltest.Has(t, "5.12") {
		insns = append(insns,
			elftest.Insn{Op: 0xdb, Dst: 10, Src: 2, Off: -8, Imm: 0x41}, // r2 = atomic64_fetch_or(...)
			elftest.Insn{Op: 0xdb, Dst: 10, Src: 2, Off: -8, Imm: 0xe1}, // r2 = atomic64_xchg(...)
			elftest.Insn{Op: 0xdb, Dst: 10, Src: 2, Off: -8, Imm: 0xf1}, // r0 = atomic64_cmpxchg(...)
			elftest.Insn{Op: 0xdb, Dst: 10, Src: 2, Off: -8, Imm: 0xa0}, // lock *(u64 *)(r10 -8) ^= r2
		)
	}
	if kerneltest.Has(t, "6.6") {
		insns = append(insns,
			elftest.Insn{Op: 0xd7, Dst: 2, Imm: 32},          // r2 = bswap32 r2
			elftest.Insn{Op: 0xbf, Dst: 3, Src: 2, Off: 16},  // r3 = (s16)r2
			elftest.Insn{Op: 0xbc, Dst: 3, Src: 2, Off: 8},   // w3 = (s8)w2
			elftest.Insn{Op: 0x37, Dst: 3, Off: 1, Imm: 3},   // r3 s/= 3
			elftest.Insn{Op: 0x91, Dst: 3, Src: 10, Off: -8}, // r3 = *(s8 *)(r10 -8)
			elftest.Insn{Op: 0x06},                           // gotol pc+0
		)
	}
	if kerneltest.Has(t, "6.15") {
		insns = append(insns,
			elftest.Insn{Op: 0xdb, Dst: 3, Src: 10, Off: -8, Imm: 0x100}, // r3 = load_acquire(...)
			elftest.Insn{Op: 0xdb, Dst: 10, Src: 3, Off: -8, Imm: 0x110}, // store_release(...)
		)
	}
	insns = append(insns, elftest.Ret0, elftest.Exit)
	code := encode(false, insns...)
	log := make([]byte, 1<<18)
	fd, err := sys.Host{}.BPF(&sys.ProgLoad{
		ProgType: 1, Insns: sys.Bytes(code), InsnCnt: uint32(len(insns)), License: sys.CString("GPL"),
		LogLevel: 2, LogBuf: sys.Bytes(log), LogSize: uint32(len(log)),
	})
	log, _, _ = bytes.Cut(log, []byte{0})
	if err != nil {
		t.Fatalf("%v\n%s", err, log)
	}
	sys.Host{}.Close(fd)
	seen := 0
	for _, m := range regexp.MustCompile(`(?m)^(\d+): \([0-9a-f]{2}\) (.*?)(?:\s*;.*)?$`).FindAllSubmatch(log, -1) {
		n, err := strconv.Atoi(string(m[1]))
		if err != nil || n >= len(insns) {
			t.Fatalf("line %q", m[0])
		}
		seen++
		if text, _ := disasm.Insn(code[8*n:], false); text != string(m[2]) {
			t.Errorf("instruction %d is %q, the verifier writes %q", n, text, m[2])
		}
	}
	if seen < len(insns)-1 {
		t.Errorf("the log has %d of %d instructions:\n%s", seen, len(insns)-1, log)
	}
}
