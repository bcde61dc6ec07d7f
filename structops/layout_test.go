// SPDX-License-Identifier: MIT

package structops_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/internal/kernel"
	"github.com/bpfload/bpfload/rawbtf"
	"github.com/bpfload/bpfload/structops"
)

// wrap adds the struct by which the kernel registers NAME, at byte 16.
func wrap(b *elftest.BTF, data rawbtf.ID, name string, size uint32) rawbtf.ID {
	return b.Struct("bpf_struct_ops_"+name, size,
		elftest.Member{Name: "common", Type: b.Struct("bpf_struct_ops_common_value", 16)},
		elftest.Member{Name: "data", Type: data, Bits: 128})
}

// The kernel's my_ops has its members elsewhere.
func kernelOps(b *elftest.BTF) {
	char := b.Int("char", 1, 0)
	data := b.Struct("my_ops", 64,
		elftest.Member{Name: "name", Type: b.Array(char, 12)},
		elftest.Member{Name: "more", Type: callback(b), Bits: 128},
		elftest.Member{Name: "release", Type: b.Const(callback(b)), Bits: 192},
		elftest.Member{Name: "init", Type: callback(b), Bits: 256},
		elftest.Member{Name: "flags", Type: b.Typedef("u32", b.Int("unsigned int", 4, 0)), Bits: 320})
	wrap(b, data, "my_ops", 80)
}

func TestMatch(t *testing.T) {
	for _, big := range []bool{false, true} {
		b := newBuilder(big)
		data := make([]byte, 40)
		copy(data[16:], "\x01\x02\x03\x04")
		copy(data[20:], "mine")
		s := b.section(".struct_ops.link", data, variable{"x", ops(&b.btf, "my_ops___v2"), 0, 40})
		b.Rel(s, 0, b.init, 2)
		b.Rel(s, 8, b.release, 2)
		all, local := b.decode(t)
		types := kernelTypes(t, kernelOps, big)
		all[0].Want(local, types)
		l, err := all[0].Match(local, types)
		if err != nil {
			t.Fatal(err)
		}
		value := make([]byte, 80)
		copy(value[16:], "mine")
		copy(value[16+40:], "\x01\x02\x03\x04")
		want := &structops.Layout{Ops: all[0], ValueType: l.ValueType, Struct: l.Struct, Value: value, Slots: []structops.Slot{
			{Offset: 16 + 32, Member: 3, Name: "init", Program: all[0].Callbacks[0].Program},
			{Offset: 16 + 24, Member: 2, Name: "release", Program: all[0].Callbacks[1].Program},
		}}
		if diff := cmp.Diff(want, l); diff != "" {
			t.Errorf("big endian %t: %s", big, diff)
		}
		if name := types.Vmlinux().Type(l.ValueType).Name(); name != "bpf_struct_ops_my_ops" {
			t.Errorf("value type %q", name)
		}
		if name := types.Vmlinux().Type(l.Struct).Name(); name != "my_ops" {
			t.Errorf("struct %q", name)
		}
	}
}

// one makes a variable with a single member m of the given type and bytes, next to
// a callback that makes the rest of it say something.
func one(typ func(b *elftest.BTF) rawbtf.ID, bits uint32, contents string) func(b *builder) int {
	return func(b *builder) int {
		data := make([]byte, 16)
		copy(data[8:], contents)
		t := b.btf.Struct("my_ops", 16, elftest.Member{Name: "init", Type: callback(&b.btf)},
			elftest.Member{Name: "member", Type: typ(&b.btf), Bits: 64, BitSize: bits})
		return b.section(".struct_ops", data, variable{"x", t, 0, 16})
	}
}

// kernelOne is the kernel's my_ops with one member besides init.
func kernelOne(name string, typ func(b *elftest.BTF) rawbtf.ID, at, bits uint32) func(b *elftest.BTF) {
	return func(b *elftest.BTF) {
		data := b.Struct("my_ops", 24, elftest.Member{Name: "init", Type: callback(b)},
			elftest.Member{Name: name, Type: typ(b), Bits: at, BitSize: bits})
		wrap(b, data, "my_ops", 40)
	}
}

func u32(b *elftest.BTF) rawbtf.ID { return b.Int("unsigned int", 4, 0) }
func u64(b *elftest.BTF) rawbtf.ID { return b.Int("unsigned long", 8, 0) }
func ptr(b *elftest.BTF) rawbtf.ID { return b.Ptr(0) }

func TestMatchMember(t *testing.T) {
	void := func(b *elftest.BTF) rawbtf.ID { return 0 }
	for name, tc := range map[string]struct {
		object  func(b *builder) int
		kernel  func(b *elftest.BTF)
		value   string // bytes 24 and on of the kernel's struct, from byte 8 of its data
		warning string
		err     error
		says    string
	}{
		"data":                 {one(u32, 0, "\x05"), kernelOne("member", u32, 96, 0), "\x00\x00\x00\x00\x05", "", nil, ""},
		"zero":                 {one(u32, 0, ""), kernelOne("member", ptr, 64, 0), "", "", nil, ""},
		"zero, unknown":        {one(u32, 0, ""), kernelOne("other", u32, 64, 0), "", "struct-ops-member-unknown", nil, ""},
		"zero bitfield":        {one(u32, 3, "\xf8"), kernelOne("member", u32, 64, 0), "", "", nil, ""},
		"unknown":              {one(u32, 0, "\x05"), kernelOne("membre", u32, 64, 0), "", "", structops.ErrMissing, `member "member": the kernel's struct my_ops has no such member; the nearest name is "membre": set it to 0 before the load, or drop it`},
		"another size":         {one(u32, 0, "\x05"), kernelOne("member", u64, 64, 0), "", "", elf.ErrUnsupported, `member "member": the object has 4 bytes, the kernel 8`},
		"another kind":         {one(u32, 0, "\x05"), kernelOne("member", ptr, 64, 0), "", "", elf.ErrUnsupported, `member "member": the object has a int, the kernel a ptr`},
		"bitfield":             {one(u32, 3, "\xa5"), kernelOne("member", u32, 64, 0), "", "", elf.ErrUnsupported, `member "member": bitfields of struct_ops cannot be set`},
		"the kernel's":         {one(u32, 0, "\x05"), kernelOne("member", u32, 64, 3), "", "", elf.ErrUnsupported, `member "member": bitfields of struct_ops cannot be set`},
		"address":              {one(ptr, 0, "\x05"), kernelOne("member", ptr, 64, 0), "", "struct-ops-pointer", nil, ""},
		"without a size":       {one(void, 0, "\x05"), kernelOne("member", u32, 64, 0), "", "", elf.ErrMalformed, `member "member": type 0 has no size`},
		"beyond the variable":  {one(func(b *elftest.BTF) rawbtf.ID { return b.Array(u64(b), 4) }, 0, "\x05"), kernelOne("member", u32, 64, 0), "", "", elf.ErrMalformed, `member "member": 32 bytes at byte 8 of a variable of 16 bytes`},
		"beyond the kernel's":  {one(u32, 0, "\x05"), kernelOne("member", u32, 192, 0), "", "", elf.ErrUnsupported, `member "member": the object has 4 bytes, the kernel 4`},
		"no struct_ops":        {one(u32, 0, ""), func(b *elftest.BTF) { b.Struct("bpf_struct_ops_my_op", 8); b.Struct("my_ops", 8) }, "", "", structops.ErrMissing, `the kernel has no struct_ops named "my_ops"; the nearest name is "my_op"`},
		"nothing like it":      {one(u32, 0, ""), func(b *elftest.BTF) { b.Struct("my_ops", 8) }, "", "", structops.ErrMissing, `the kernel has no struct_ops named "my_ops"`},
		"no data in it":        {one(u32, 0, ""), func(b *elftest.BTF) { wrap(b, b.Struct("your_ops", 8), "my_ops", 24) }, "", "", structops.ErrMissing, "the kernel's struct bpf_struct_ops_my_ops has no struct my_ops in it"},
		"more data than space": {one(u32, 0, ""), func(b *elftest.BTF) { wrap(b, b.Struct("my_ops", 80), "my_ops", 24) }, "", "", elf.ErrMalformed, `the kernel's struct "my_ops" is larger than "bpf_struct_ops_my_ops", which holds it`},
	} {
		t.Run(name, func(t *testing.T) {
			for _, big := range []bool{false, true} {
				if name == "zero bitfield" && big {
					continue // its neighbours are other bits there
				}
				b := newBuilder(big)
				tc.object(b)
				all, local := b.decode(t)
				l, err := all[0].Match(local, kernelTypes(t, tc.kernel, big))
				if tc.err != nil {
					offset := uint64(0)
					if tc.says[0] == 'm' {
						offset = 8
					}
					checkError(t, err, tc.err, ".struct_ops", offset, "x", tc.says)
					continue
				}
				if err != nil {
					t.Fatal(err)
				}
				want := make([]byte, 40)
				copy(want[24:], tc.value)
				if diff := cmp.Diff(want, l.Value); diff != "" {
					t.Error(diff)
				}
				switch {
				case tc.warning == "" && len(l.Warnings) > 0,
					tc.warning != "" && (len(l.Warnings) != 1 || l.Warnings[0].Code != tc.warning || l.Warnings[0].Offset != 8 || l.Warnings[0].Symbol != "x"):
					t.Errorf("warnings %v", l.Warnings)
				}
			}
		})
	}
}

func TestBitfieldNeighbours(t *testing.T) {
	for big, contents := range map[bool]string{false: "\xf8", true: "\x1f"} {
		b := newBuilder(big)
		one(u32, 3, contents)(b)
		all, local := b.decode(t)
		if _, err := all[0].Match(local, kernelTypes(t, kernelOne("member", u32, 64, 0), big)); err != nil {
			t.Errorf("big endian %t: %v", big, err)
		}
	}
}

// A program in a member that the kernel lacks is an error, unless it was taken out.
func TestCallbackUnknown(t *testing.T) {
	b := newBuilder(false)
	data := make([]byte, 40)
	data[8] = 16 // a static function: the offset stands in the data
	s := b.section(".struct_ops", data, variable{"x", ops(&b.btf, "my_ops"), 0, 40})
	b.Rel(s, 8, b.static, 2)
	all, local := b.decode(t)
	types := kernelTypes(t, kernelOne("other", u32, 64, 0), false)
	_, err := all[0].Match(local, types)
	checkError(t, err, structops.ErrMissing, ".struct_ops", 8, "x",
		`member "release": the kernel's struct my_ops has no such member: set it to 0 before the load, or drop it`)
	all[0].Callbacks[0].Program = nil
	l, err := all[0].Match(local, types)
	if err != nil || len(l.Slots) != 0 || len(l.Warnings) != 3 {
		t.Errorf("%+v, %v", l, err)
	}
	types = kernelTypes(t, kernelOne("release", ptr, 64, 0), false)
	all[0].Callbacks[0].Program = b.programs()[1]
	_, err = all[0].Match(local, types)
	checkError(t, err, elf.ErrUnsupported, ".struct_ops", 8, "x", `member "release": the kernel's member is no pointer to a function`)
}

func TestMatchInModule(t *testing.T) {
	b := newBuilder(false)
	s := b.section(".struct_ops", make([]byte, 40), variable{"x", ops(&b.btf, "my_ops"), 0, 40})
	b.Rel(s, 0, b.init, 2)
	all, local := b.decode(t)
	var base elftest.BTF
	base.Int("int", 4, 0)
	vmlinux, err := rawbtf.Parse(base.Bytes(false), nil)
	if err != nil {
		t.Fatal(err)
	}
	var mod elftest.BTF
	kernelOps(&mod)
	module, err := rawbtf.Parse(mod.Bytes(false), nil)
	if err != nil {
		t.Fatal(err)
	}
	l, err := all[0].Match(local, kernel.NewTypes(vmlinux, kernel.Module{Name: "testmod", Types: module}))
	if err != nil || l.Module != "testmod" {
		t.Errorf("module %q, %v", l.Module, err)
	}
}

func TestAttachments(t *testing.T) {
	b := newBuilder(false)
	typ := ops(&b.btf, "my_ops")
	s := b.section(".struct_ops", make([]byte, 80), variable{"x", typ, 0, 40}, variable{"y", typ, 40, 40})
	b.Rel(s, 0, b.init, 2)
	b.Rel(s, 8, b.release, 2)
	b.Rel(s, 40, b.init, 2)
	all, local := b.decode(t)
	types := kernelTypes(t, kernelOps, false)
	layouts := func() (out []*structops.Layout) {
		for _, o := range all {
			l, err := o.Match(local, types)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, l)
		}
		return out
	}
	got, err := structops.Attachments(layouts())
	if err != nil {
		t.Fatal(err)
	}
	l := layouts()[0]
	want := []structops.Attachment{
		{Program: all[0].Callbacks[0].Program, Struct: l.Struct, Member: 3},
		{Program: all[0].Callbacks[1].Program, Struct: l.Struct, Member: 2},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	all[1].Callbacks[0].Program = all[0].Callbacks[1].Program
	_, err = structops.Attachments(layouts())
	checkError(t, err, elf.ErrUnsupported, "struct_ops", 16, "release", `used for release of "x" and for init of "y": a program implements one member of one struct, write another for the second`)
}
