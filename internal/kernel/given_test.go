// SPDX-License-Identifier: MIT

package kernel_test

import (
	"encoding/binary"
	"errors"
	"slices"
	"testing"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/internal/kernel"
	"github.com/bpfload/bpfload/rawbtf"
)

func TestNoBTF(t *testing.T) {
	if _, err := recorded(nil).Types(); !errors.Is(err, kernel.ErrNoBTF) {
		t.Errorf("got %v", err)
	}
	damaged := typesOf(t, recorded(map[string]string{"sys/kernel/btf/vmlinux": "no BTF"}))
	if _, _, ok := damaged.Exact(rawbtf.KindFunc, "f"); ok || !errors.Is(damaged.Err(), elf.ErrMalformed) {
		t.Errorf("got %t, %v", ok, damaged.Err())
	}
	if _, err := damaged.Find(structs, "task"); !errors.Is(err, elf.ErrMalformed) {
		t.Errorf("got %v", err)
	}
	if n := damaged.Vmlinux().NumTypes(); n != 0 {
		t.Errorf("%d types", n)
	}
	if _, err := recorded(map[string]string{"sys/kernel/btf/vmlinux/x": ""}).Types(); err == nil {
		t.Error("no error for a directory")
	}
}

func TestGivenBTF(t *testing.T) {
	raw := vmlinux().Bytes(false)
	object := &elftest.Object{}
	object.Code("socket", elftest.Ret0, elftest.Exit)
	object.BTF(vmlinux())
	big := &elftest.Object{BigEndian: true}
	big.BTF(vmlinux())
	// Any ELF file will do, such as a vmlinux for x86-64.
	executable := object.Bytes()
	executable[16], executable[18], executable[19] = 2, 62, 0
	for name, data := range map[string][]byte{"raw": raw, "object": object.Bytes(), "big endian": big.Bytes(), "executable": executable} {
		types := typesOf(t, kernel.New(kernel.Source{BTF: data, FS: fileSystem(nil)}))
		if found, err := types.Find(structs, "task"); len(found) != 2 || err != nil {
			t.Errorf("%s: %d types, %v", name, len(found), err)
		}
		if found, err := types.Find(structs, "absent"); len(found) != 0 || err != nil || types.Vmlinux().NumTypes() < 5 {
			t.Errorf("%s: %d types, %v", name, len(found), err)
		}
	}
}

func TestBadGivenBTF(t *testing.T) {
	object := &elftest.Object{}
	object.Data(".data", make([]byte, 8))
	none := object.Bytes()
	object.BTF(vmlinux())
	good := object.Bytes()
	with := func(change func(data []byte)) []byte {
		data := slices.Clone(good)
		change(data)
		return data
	}
	order := binary.LittleEndian
	sections := int(order.Uint64(good[40:]))
	for name, tc := range map[string]struct {
		data []byte
		want error
	}{
		"empty":                       {[]byte{}, elf.ErrMalformed},
		"damaged":                     {vmlinux().Bytes(false)[:40], elf.ErrMalformed},
		"elf of 20 bytes":             {good[:20], elf.ErrMalformed},
		"32 bits":                     {with(func(d []byte) { d[4] = 1 }), elf.ErrMalformed},
		"section table outside":       {with(func(d []byte) { order.PutUint64(d[40:], 1<<40) }), elf.ErrMalformed},
		"more sections than fit":      {with(func(d []byte) { order.PutUint16(d[60:], 999) }), elf.ErrMalformed},
		"no name table":               {with(func(d []byte) { order.PutUint16(d[62:], 99) }), elf.ErrMalformed},
		"name table outside":          {with(func(d []byte) { order.PutUint64(d[sections+64*int(order.Uint16(d[62:]))+24:], 1<<40) }), elf.ErrMalformed},
		"section outside":             {with(func(d []byte) { order.PutUint64(d[sections+2*64+32:], 1<<40) }), elf.ErrMalformed},
		"section name outside":        {with(func(d []byte) { order.PutUint32(d[sections+2*64:], 1<<30) }), elf.ErrUnsupported},
		"no section of the name .BTF": {none, elf.ErrUnsupported},
	} {
		if _, err := kernel.New(kernel.Source{BTF: tc.data}).Types(); !errors.Is(err, tc.want) {
			t.Errorf("%s: got %v, want %v", name, err, tc.want)
		}
	}
}
