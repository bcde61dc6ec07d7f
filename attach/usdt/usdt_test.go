// SPDX-License-Identifier: MIT

package usdt

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func ExampleParseArgs() {
	args, err := ParseArgs(elf.EM_X86_64, "-4@%edi 8@-16(%rbp)")
	fmt.Println(len(args), err)
	_, err = ParseArgs(elf.EM_X86_64, "8@counter(%rip)")
	fmt.Println(err)
	// Output:
	// 2 <nil>
	// argument 1, "8@counter(%rip)": malformed: the place is of no form that is known here
}

func TestParseArgs(t *testing.T) {
	for name, c := range map[string]struct {
		machine elf.Machine
		text    string
		want    []Arg
	}{
		"none":            {elf.EM_X86_64, "", nil},
		"x86 register":    {elf.EM_X86_64, "-4@%eax", []Arg{{kind: register, register: 80, size: 4, signed: true}}},
		"x86 byte":        {elf.EM_X86_64, "1@%r15b", []Arg{{kind: register, register: 0, size: 1}}},
		"x86 stack":       {elf.EM_X86_64, "8@(%rsp)", []Arg{{kind: memory, register: 152, size: 8}}},
		"x86 ip":          {elf.EM_X86_64, "8@16(%rip)", []Arg{{kind: memory, register: 128, offset: 16, size: 8}}},
		"x86 offset":      {elf.EM_X86_64, "-2@-20(%rbp)", []Arg{{kind: memory, register: 32, offset: -20, size: 2, signed: true}}},
		"x86 constant":    {elf.EM_X86_64, "-8@$-71 8@$18446744073709551615", []Arg{{offset: -71, size: 8, signed: true}, {offset: -1, size: 8}}},
		"x86 scaled":      {elf.EM_X86_64, "-1@-96(%rbp,%rax,8)", []Arg{{kind: memorySIB, register: 32, index: 80, scale: 3, offset: -96, size: 1, signed: true}}},
		"x86 two":         {elf.EM_X86_64, "4@(%rdx,%rcx)", []Arg{{kind: memorySIB, register: 96, index: 88, size: 4}}},
		"arm64 register":  {elf.EM_AARCH64, "-4@x30", []Arg{{kind: register, register: 240, size: 4, signed: true}}},
		"arm64 stack":     {elf.EM_AARCH64, "8@[sp, 96] 4@[x1] 4@5", []Arg{{kind: memory, register: 248, offset: 96, size: 8}, {kind: memory, register: 8, size: 4}, {offset: 5, size: 4}}},
		"arm":             {elf.EM_ARM, "-4@[fp, #-16] 4@r3 4@#5", []Arg{{kind: memory, register: 44, offset: -16, size: 4, signed: true}, {kind: register, register: 12, size: 4}, {offset: 5, size: 4}}},
		"riscv":           {elf.EM_RISCV, "-8@-88(s0) 8@a5 8@5", []Arg{{kind: memory, register: 64, offset: -88, size: 8, signed: true}, {kind: register, register: 120, size: 8}, {offset: 5, size: 8}}},
		"s390":            {elf.EM_S390, "-8@-160(%r15) 8@%r2 4@7", []Arg{{kind: memory, register: 144, offset: -160, size: 8, signed: true}, {kind: register, register: 40, size: 8}, {offset: 7, size: 4}}},
		"as many as many": {elf.EM_X86_64, strings.Repeat("4@$0 ", MaxArgs), append(make([]Arg, 0), repeat(Arg{size: 4}, MaxArgs)...)},
	} {
		got, err := ParseArgs(c.machine, c.text)
		if diff := cmp.Diff(c.want, got, cmp.AllowUnexported(Arg{})); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
	}
}

func repeat(a Arg, n int) (list []Arg) {
	for range n {
		list = append(list, a)
	}
	return list
}

func TestParseArgsErrors(t *testing.T) {
	for name, c := range map[string]struct {
		machine elf.Machine
		text    string
		want    string
	}{
		"another machine": {elf.EM_PPC64, "8@%r1", "not known for EM_PPC64"},
		"too many":        {elf.EM_X86_64, strings.Repeat("4@$0 ", MaxArgs+1), "more than 12"},
		"no size":         {elf.EM_X86_64, "%eax", "want SIZE@PLACE"},
		"odd size":        {elf.EM_X86_64, "4@$1 3@%eax", `argument 2, "3@%eax": malformed: a size of 3 bytes`},
		"float":           {elf.EM_X86_64, "8f@%xmm0", "floating-point"},
		"no place":        {elf.EM_X86_64, "8@", "no form"},
		"no register":     {elf.EM_X86_64, "8@%rzx", "no form"},
		"a symbol":        {elf.EM_X86_64, "8@x(%rip)", "no form"},
		"odd scale":       {elf.EM_X86_64, "8@(%rax,%rbx,3)", "no form"},
		"long scale":      {elf.EM_X86_64, "8@(%rax,%rbx,12)", "no form"},
		"four parts":      {elf.EM_X86_64, "8@(%rax,%rbx,1,1)", "no form"},
		"open":            {elf.EM_X86_64, "8@(%rax", "no form"},
		"empty constant":  {elf.EM_X86_64, "8@$", "no form"},
		"open bracket":    {elf.EM_AARCH64, "8@[x0", "no form"},
		"empty offset":    {elf.EM_AARCH64, "8@[x0,]", "no form"},
		"x31":             {elf.EM_AARCH64, "8@x31", "no form"},
		"x007":            {elf.EM_AARCH64, "8@x007", "no form"},
	} {
		got, err := ParseArgs(c.machine, c.text)
		if got != nil || err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, %v, want %q", name, got, err, c.want)
		}
	}
}

// TestEncode says, byte by byte on a little-endian machine, what compilers make of the
// two forms of struct __bpf_usdt_arg_spec.
func TestEncode(t *testing.T) {
	s := Spec{Args: []Arg{{kind: memory, register: 32, offset: -20, size: 2, signed: true}}, Cookie: 0x1122}
	old, err := s.Encode(Size16)
	if err != nil {
		t.Fatal(err)
	}
	want := make([]byte, Size16)
	native.PutUint64(want, 1<<64-20)
	native.PutUint32(want[8:], 2)
	native.PutUint16(want[12:], 32)
	want[14], want[15] = 1, 48
	native.PutUint64(want[192:], 0x1122)
	native.PutUint16(want[200:], 1)
	want[207] = used
	if diff := cmp.Diff(want, old); diff != "" {
		t.Errorf("before libbpf 1.7 (-want +got):\n%s", diff)
	}

	s.Args = append(s.Args, Arg{kind: memorySIB, register: 32, index: 80, scale: 3, offset: -96, size: 1})
	if _, err := s.Encode(Size16); !errors.Is(err, ErrOldHeader) || !strings.HasPrefix(err.Error(), "argument 2: ") {
		t.Errorf("an index register in the older form: %v", err)
	}
	if !little {
		t.Skip("the other form is spelled out for little-endian machines")
	}
	got, err := s.Encode(Size24)
	if err != nil {
		t.Fatal(err)
	}
	want = make([]byte, Size24)
	native.PutUint64(want, 1<<64-20)
	want[8], want[14], want[16], want[17] = 2, 32, 1, 48
	native.PutUint64(want[24:], 1<<64-96)
	want[32], want[34], want[35], want[38], want[41] = 3, 80, 3<<4, 32, 56
	native.PutUint64(want[288:], 0x1122)
	want[296], want[303] = 2, used
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("since libbpf 1.7 (-want +got):\n%s", diff)
	}
	if _, err := s.Encode(100); err == nil || !strings.Contains(err.Error(), "values of 100 bytes") {
		t.Errorf("a map of another shape: %v", err)
	}
	empty, err := (&Spec{}).Encode(Size16)
	if err != nil || !Used(empty) || Used(make([]byte, Size16)) {
		t.Errorf("a probe without arguments is not told from none: %v", err)
	}
}

// program makes a file with two segments and notes: code at 0x1000 from offset 0x100,
// data at 0x3000 from offset 0x200.
func program(base uint64, notes []byte) []byte {
	le := binary.LittleEndian
	names := "\x00.note.stapsdt\x00.stapsdt.base\x00.shstrtab\x00"
	b := make([]byte, 0x300)
	copy(b, "\x7fELF\x02\x01\x01")
	le.PutUint16(b[16:], uint16(elf.ET_DYN))
	le.PutUint16(b[18:], uint16(elf.EM_X86_64))
	le.PutUint32(b[20:], 1)
	le.PutUint64(b[32:], 64) // program headers
	le.PutUint16(b[52:], 64)
	le.PutUint16(b[54:], 56)
	le.PutUint16(b[56:], 2)
	le.PutUint16(b[58:], 64)
	le.PutUint16(b[60:], 4)
	le.PutUint16(b[62:], 3)
	for i, s := range []struct{ flags, offset, address uint64 }{{5, 0x100, 0x1000}, {6, 0x200, 0x3000}} {
		h := b[64+56*i:]
		le.PutUint32(h, uint32(elf.PT_LOAD))
		le.PutUint32(h[4:], uint32(s.flags))
		le.PutUint64(h[8:], s.offset)
		le.PutUint64(h[16:], s.address)
		le.PutUint64(h[32:], 0x100)
		le.PutUint64(h[40:], 0x100)
	}
	at := len(b)
	b = append(append(b, notes...), names...)
	le.PutUint64(b[40:], uint64(len(b)))
	header := func(name, typ uint32, address, offset, size uint64) {
		h := make([]byte, 64)
		le.PutUint32(h, name)
		le.PutUint32(h[4:], typ)
		le.PutUint64(h[16:], address)
		le.PutUint64(h[24:], offset)
		le.PutUint64(h[32:], size)
		b = append(b, h...)
	}
	header(0, 0, 0, 0, 0)
	header(1, uint32(elf.SHT_NOTE), 0, uint64(at), uint64(len(notes)))
	header(15, uint32(elf.SHT_PROGBITS), base, 0x100, 1)
	header(29, uint32(elf.SHT_STRTAB), 0, uint64(at+len(notes)), uint64(len(names)))
	return b
}

func makeNote(owner string, typ uint32, pc, base, semaphore uint64, texts string) []byte {
	le := binary.LittleEndian
	var b []byte
	b = le.AppendUint32(b, uint32(len(owner)))
	b = le.AppendUint32(b, uint32(24+len(texts)))
	b = le.AppendUint32(b, typ)
	b = append(b, owner...)
	for _, v := range []uint64{pc, base, semaphore} {
		b = le.AppendUint64(b, v)
	}
	b = append(b, texts...)
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}

func TestFind(t *testing.T) {
	notes := bytes.Join([][]byte{
		makeNote("GNU\x00", 3, 0, 0, 0, "x"),
		makeNote("stapsdt\x00", 3, 0x1010, 0x2000, 0x3008, "app\x00start\x00-4@%edi\x00"),
		makeNote("stapsdt\x00", 3, 0x1020, 0x2000, 0, "app\x00stop\x00\x00"),
		makeNote("stapsdt\x00", 3, 0x1030, 0x2000, 0x3008, "app\x00start\x008@$1\x00"),
	}, nil)
	start := []Probe{{"app", "start", 0x110, 0x208, "-4@%edi"}, {"app", "start", 0x130, 0x208, "8@$1"}}
	for name, c := range map[string]struct {
		base     uint64
		provider string
		name     string
		want     []Probe
		err      error
	}{
		"as linked": {0x2000, "app", "start", start, nil},
		"prelinked": {0x2008, "app", "stop", []Probe{{"app", "stop", 0x128, 0, ""}}, nil},
		"all":       {0x2000, "", "", []Probe{start[0], {"app", "stop", 0x120, 0, ""}, start[1]}, nil},
		"none":      {0x2000, "app", "halt", nil, ErrNotFound},
		"another":   {0x2000, "lib", "start", nil, ErrNotFound},
		"no code":   {0x9000, "app", "start", nil, ErrMalformed},
	} {
		got, machine, err := Find(bytes.NewReader(program(c.base, notes)), c.provider, c.name)
		if diff := cmp.Diff(c.want, got); diff != "" || !errors.Is(err, c.err) || machine != elf.EM_X86_64 {
			t.Errorf("%s: %v, %v (-want +got):\n%s", name, machine, err, diff)
		}
	}
}

func TestFindErrors(t *testing.T) {
	whole := makeNote("stapsdt\x00", 3, 0x1010, 0, 0, "a\x00b\x00\x00\x00\x00\x00")
	for name, notes := range map[string][]byte{
		"cut header":         whole[:8],
		"cut text":           whole[:len(whole)-4],
		"no addresses":       append(append([]byte{8, 0, 0, 0, 4, 0, 0, 0, 3, 0, 0, 0}, "stapsdt\x00"...), 0, 0, 0, 0),
		"a lying size":       append([]byte{255, 255, 255, 255, 255, 255, 255, 255}, whole[8:]...),
		"an endless text":    makeNote("stapsdt\x00", 3, 0x1010, 0, 0, "a\x00bbb"),
		"an odd semaphore":   makeNote("stapsdt\x00", 3, 0x1010, 0, 0x1011, "a\x00b\x00\x00"),
		"a far semaphore":    makeNote("stapsdt\x00", 3, 0x1010, 0, 0x9000, "a\x00b\x00\x00"),
		"a place in no code": makeNote("stapsdt\x00", 3, 0x3010, 0, 0, "a\x00b\x00\x00"),
	} {
		got, _, err := Find(bytes.NewReader(program(0, notes)), "a", "b")
		if got != nil || !errors.Is(err, ErrMalformed) || !strings.HasPrefix(err.Error(), "section .note.stapsdt+0x0") {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	image := program(0, nil)
	copy(image[bytes.Index(image, []byte(".note.stapsdt")):], ".note.xxxxxxx")
	if _, _, err := Find(bytes.NewReader(image), "a", "b"); !errors.Is(err, ErrNoProbes) {
		t.Errorf("without the section: %v", err)
	}
}

// FuzzFind: whatever the notes, the places are in the file's segments, or there is an
// error and nothing else; arguments are of a known size.
func FuzzFind(f *testing.F) {
	f.Add(makeNote("stapsdt\x00", 3, 0x1010, 0x2000, 0x3008, "app\x00start\x00-4@%edi 8@-96(%rbp,%rax,8)\x00"))
	f.Add(makeNote("GNU\x00", 3, 0, 0, 0, "x"))
	f.Fuzz(func(t *testing.T, notes []byte) {
		probes, machine, err := Find(bytes.NewReader(program(0x2000, notes)), "", "")
		if err != nil && probes != nil {
			t.Fatalf("%v and %v", probes, err)
		}
		for _, p := range probes {
			if p.Offset < 0x100 || p.Offset >= 0x200 || p.Semaphore != 0 && (p.Semaphore < 0x200 || p.Semaphore >= 0x300) {
				t.Fatalf("%+v is outside of the segments", p)
			}
			args, err := ParseArgs(machine, p.Args)
			if err != nil && args != nil {
				t.Fatalf("%v and %v", args, err)
			}
			if _, err := (&Spec{Args: args}).Encode(Size24); err != nil {
				t.Fatal(err)
			}
		}
	})
}
