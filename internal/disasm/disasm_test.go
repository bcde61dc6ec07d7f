// SPDX-License-Identifier: MIT

package disasm_test

import (
	"testing"

	"github.com/bpfload/bpfload/internal/disasm"
	"github.com/bpfload/bpfload/internal/elftest"
)

// Instructions as struct bpf_insn has them, beside the words of the verifier.
var cases = map[string]elftest.Insn{
	"r1 = r2":                        {Op: 0xbf, Dst: 1, Src: 2},
	"r1 = -5":                        {Op: 0xb7, Dst: 1, Imm: -5},
	"w1 = 5":                         {Op: 0xb4, Dst: 1, Imm: 5},
	"w3 += w4":                       {Op: 0x0c, Dst: 3, Src: 4},
	"r3 s>>= 32":                     {Op: 0xc7, Dst: 3, Imm: 32},
	"r3 s/= r4":                      {Op: 0x3f, Dst: 3, Src: 4, Off: 1},
	"w3 s%= 7":                       {Op: 0x94, Dst: 3, Off: 1, Imm: 7},
	"r5 = -r5":                       {Op: 0x87, Dst: 5},
	"w5 = -w5":                       {Op: 0x84, Dst: 5},
	"r5 = (s16)r6":                   {Op: 0xbf, Dst: 5, Src: 6, Off: 16},
	"w5 = (s8)w6":                    {Op: 0xbc, Dst: 5, Src: 6, Off: 8},
	"r5 = addr_space_cast(r6, 0, 1)": {Op: 0xbf, Dst: 5, Src: 6, Off: 1, Imm: 1},
	"r5 = be16 r5":                   {Op: 0xdc, Dst: 5, Imm: 16},
	"r5 = le64 r5":                   {Op: 0xd4, Dst: 5, Imm: 64},
	"r5 = bswap32 r5":                {Op: 0xd7, Dst: 5, Imm: 32},
	"r1 = *(u32 *)(r2 +8)":           {Op: 0x61, Dst: 1, Src: 2, Off: 8},
	"r1 = *(s8 *)(r2 -8)":            {Op: 0x91, Dst: 1, Src: 2, Off: -8},
	"*(u64 *)(r10 -8) = r1":          {Op: 0x7b, Dst: 10, Src: 1, Off: -8},
	"*(u16 *)(r10 +0) = -1":          {Op: 0x6a, Dst: 10, Imm: -1},
	"nospec":                         {Op: 0xba},
	"r0 = *(u16 *)skb[12]":           {Op: 0x28, Imm: 12},
	"r0 = *(u8 *)skb[r7 + 3]":        {Op: 0x50, Src: 7, Imm: 3},
	"lock *(u64 *)(r10 -8) += r1":    {Op: 0xdb, Dst: 10, Src: 1, Off: -8},
	"lock *(u32 *)(r10 -8) ^= r1":    {Op: 0xc3, Dst: 10, Src: 1, Off: -8, Imm: 0xa0},
	"r1 = atomic64_fetch_or((u64 *)(r10 -8), r1)":    {Op: 0xdb, Dst: 10, Src: 1, Off: -8, Imm: 0x41},
	"r1 = atomic_xchg((u32 *)(r10 -8), r1)":          {Op: 0xc3, Dst: 10, Src: 1, Off: -8, Imm: 0xe1},
	"r0 = atomic64_cmpxchg((u64 *)(r10 -8), r0, r1)": {Op: 0xdb, Dst: 10, Src: 1, Off: -8, Imm: 0xf1},
	"r1 = load_acquire((u64 *)(r10 -8))":             {Op: 0xdb, Dst: 1, Src: 10, Off: -8, Imm: 0x100},
	"store_release((u8 *)(r10 -8), r1)":              {Op: 0xd3, Dst: 10, Src: 1, Off: -8, Imm: 0x110},
	"if r1 == 0x0 goto pc+3":                         {Op: 0x15, Dst: 1, Off: 3},
	"if r1 != 0xffffffff goto pc-3":                  {Op: 0x55, Dst: 1, Off: -3, Imm: -1},
	"if w1 s< w2 goto pc+1":                          {Op: 0xce, Dst: 1, Src: 2, Off: 1},
	"if r1 & r2 goto pc+1":                           {Op: 0x4d, Dst: 1, Src: 2, Off: 1},
	"goto pc-2":                                      {Op: 0x05, Off: -2},
	"gotol pc+70000":                                 {Op: 0x06, Imm: 70000},
	"gotox r3":                                       {Op: 0x0d, Dst: 3},
	"may_goto pc+4":                                  {Op: 0xe5, Off: 4},
	"call bpf_map_lookup_elem#1":                     {Op: 0x85, Imm: 1},
	"call bpf_skc_to_tcp6_sock#136":                  {Op: 0x85, Imm: 136},
	"call unknown#9999":                              {Op: 0x85, Imm: 9999},
	"call unknown#-1":                                {Op: 0x85, Imm: -1},
	"call pc+5":                                      {Op: 0x85, Src: 1, Imm: 5},
	"call kernel-function":                           {Op: 0x85, Src: 2, Imm: 1234},
	"exit":                                           {Op: 0x95},
	"unknown opcode 00":                              {Op: 0x00},
	"unknown opcode e7":                              {Op: 0xe7},
	"unknown opcode db":                              {Op: 0xdb, Imm: 0x77},
	"unknown opcode 86":                              {Op: 0x86},
}

func encode(big bool, insns ...elftest.Insn) []byte {
	return (&elftest.Object{BigEndian: big}).Insns(insns...)
}

func TestInsn(t *testing.T) {
	for want, in := range cases {
		for _, big := range []bool{false, true} {
			text, slots := disasm.Insn(encode(big, in), big)
			if text != want || slots != 1 {
				t.Errorf("%+v (big-endian: %v) is %q in %d slots, want %q in one", in, big, text, slots, want)
			}
		}
	}
}

func TestLoadImm64(t *testing.T) {
	code := encode(false, elftest.LoadImm64(3, 0, -1, 0x12)...)
	if text, slots := disasm.Insn(code, false); text != "r3 = 0x12ffffffff" || slots != 2 {
		t.Errorf("got %q in %d slots", text, slots)
	}
	// Its second half is missing.
	if text, slots := disasm.Insn(code[:8], false); text != "r3 = 0xffffffff" || slots != 1 {
		t.Errorf("got %q in %d slots", text, slots)
	}
}

// Any eight bytes have a text.
func FuzzInsn(f *testing.F) {
	for _, in := range cases {
		f.Add(encode(false, in), false)
	}
	f.Fuzz(func(t *testing.T, code []byte, big bool) {
		if len(code) < 8 {
			return
		}
		text, slots := disasm.Insn(code, big)
		if text == "" || slots < 1 || 8*slots > len(code) {
			t.Errorf("%x is %q in %d slots", code, text, slots)
		}
	})
}
