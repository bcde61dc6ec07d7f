// SPDX-License-Identifier: MIT

package rawbtf_test

import (
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/rawbtf"
)

// order is the byte order in which elftest writes.
func order(bigEndian bool) binary.ByteOrder {
	if bigEndian {
		return binary.BigEndian
	}
	return binary.LittleEndian
}

func build(t testing.TB, b *elftest.BTF, bigEndian bool) *rawbtf.Spec {
	t.Helper()
	s, err := rawbtf.Parse(b.Bytes(bigEndian), nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestHeaderErrors(t *testing.T) {
	tests := map[string]struct {
		damage  func(b []byte, o binary.ByteOrder) []byte
		message string
	}{
		"empty":           {func(b []byte, o binary.ByteOrder) []byte { return nil }, `section ".BTF"+0x0: 0 bytes are no BTF: the header takes 24`},
		"short":           {func(b []byte, o binary.ByteOrder) []byte { return b[:23] }, `section ".BTF"+0x0: 23 bytes are no BTF: the header takes 24`},
		"magic":           {func(b []byte, o binary.ByteOrder) []byte { b[0], b[1] = 1, 2; return b }, `section ".BTF"+0x0: magic 0x0102 is not BTF's`},
		"version":         {func(b []byte, o binary.ByteOrder) []byte { b[2] = 2; return b }, `section ".BTF"+0x2: BTF version 2, want 1`},
		"header too long": {func(b []byte, o binary.ByteOrder) []byte { o.PutUint32(b[4:], 1000); return b }, `section ".BTF"+0x4: BTF header of 1000 bytes in 45 bytes of BTF`},
		"header short":    {func(b []byte, o binary.ByteOrder) []byte { o.PutUint32(b[4:], 20); return b }, `section ".BTF"+0x4: BTF header of 20 bytes in 45 bytes of BTF`},
		"types outside":   {func(b []byte, o binary.ByteOrder) []byte { o.PutUint32(b[12:], 1<<32-1); return b }, `section ".BTF"+0x8: BTF types (4294967295 bytes at 0x0) are outside the section`},
		"types unaligned": {func(b []byte, o binary.ByteOrder) []byte { o.PutUint32(b[8:], 2); return b }, `section ".BTF"+0x8: BTF types (16 bytes at 0x2) are outside the section`},
		"strings outside": {func(b []byte, o binary.ByteOrder) []byte { o.PutUint32(b[16:], 1<<32-4); return b }, `section ".BTF"+0x10: BTF strings (5 bytes at 0xfffffffc) are outside the section`},
		"strings open":    {func(b []byte, o binary.ByteOrder) []byte { b[len(b)-1] = 'x'; return b }, `section ".BTF"+0x28: BTF strings do not begin and end with a NUL`},
		"strings begin":   {func(b []byte, o binary.ByteOrder) []byte { b[40] = 'x'; return b }, `section ".BTF"+0x28: BTF strings do not begin and end with a NUL`},
		"no strings":      {func(b []byte, o binary.ByteOrder) []byte { o.PutUint32(b[20:], 0); return b }, `section ".BTF"+0x28: BTF strings do not begin and end with a NUL`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			for _, bigEndian := range []bool{false, true} {
				var b elftest.BTF
				b.Int("int", 4, 0)
				s, err := rawbtf.Parse(tt.damage(b.Bytes(bigEndian), order(bigEndian)), nil)
				if err == nil || err.Error() != tt.message || !errors.Is(err, elf.ErrMalformed) || s != nil {
					t.Errorf("big endian %t:\ngot  %v\nwant %s", bigEndian, err, tt.message)
				}
			}
		})
	}
}

// A header may be longer than this reader knows, and types may follow strings.
func TestLayouts(t *testing.T) {
	var b elftest.BTF
	b.Int("int", 4, rawbtf.IntSigned)
	plain := b.Bytes(false)
	types, strs := plain[24:40], plain[40:]
	le := binary.LittleEndian
	header := func(size, typeOff, strOff uint32) []byte {
		h := append([]byte{}, plain[:24]...)
		le.PutUint32(h[4:], size)
		le.PutUint32(h[8:], typeOff)
		le.PutUint32(h[16:], strOff)
		return append(h, make([]byte, size-24)...)
	}
	padded := append(append([]byte{}, strs...), 0, 0, 0)
	for name, data := range map[string][]byte{
		"long header":   append(append(header(32, 0, 16), types...), strs...),
		"strings first": append(append(header(24, 8, 0), padded...), types...),
		"gap":           append(append(append(header(24, 4, 20), 1, 2, 3, 4), types...), strs...),
		"tail":          append(append([]byte{}, plain...), 1, 2, 3),
	} {
		s, err := rawbtf.Parse(data, nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := s.Type(1); got.Name() != "int" || s.NumTypes() != 2 {
			t.Errorf("%s: type 1 is %s %q", name, got.Kind, got.Name())
		}
	}
}

func TestTypeErrors(t *testing.T) {
	tests := map[string]struct {
		types   func(b *elftest.BTF)
		message string // after the place of type 2, the second
	}{
		"kind":                  {func(b *elftest.BTF) { b.Raw("", 31<<24, 0) }, `type 2 has unknown kind 31`},
		"kind 0":                {func(b *elftest.BTF) { b.Raw("", 0, 0) }, `type 2 has unknown kind 0`},
		"name":                  {func(b *elftest.BTF) { b.Raw("", 2<<24, 1) }, ``},
		"pointer":               {func(b *elftest.BTF) { b.Ptr(3) }, `type 2 (ptr) has a type reference 3 out of range`},
		"typedef":               {func(b *elftest.BTF) { b.Typedef("t", 1<<31) }, `type 2 (typedef) has a type reference 2147483648 out of range`},
		"const":                 {func(b *elftest.BTF) { b.Const(3) }, `type 2 (const) has a type reference 3 out of range`},
		"volatile":              {func(b *elftest.BTF) { b.Volatile(3) }, `type 2 (volatile) has a type reference 3 out of range`},
		"restrict":              {func(b *elftest.BTF) { b.Restrict(3) }, `type 2 (restrict) has a type reference 3 out of range`},
		"type tag":              {func(b *elftest.BTF) { b.TypeTag("t", 3) }, `type 2 (type_tag) has a type reference 3 out of range`},
		"declaration tag":       {func(b *elftest.BTF) { b.DeclTag("t", 3, -1) }, `type 2 (decl_tag) has a type reference 3 out of range`},
		"function":              {func(b *elftest.BTF) { b.Func("f", 3, 0) }, `type 2 (func) has a type reference 3 out of range`},
		"result":                {func(b *elftest.BTF) { b.FuncProto(3) }, `type 2 (func_proto) has a type reference 3 out of range`},
		"parameter":             {func(b *elftest.BTF) { b.FuncProto(0, elftest.Param{Type: 1}, elftest.Param{Type: 3}) }, `type 2 (func_proto) has a type reference 3 out of range`},
		"variable":              {func(b *elftest.BTF) { b.Var("v", 3, 0) }, `type 2 (var) has a type reference 3 out of range`},
		"datasec":               {func(b *elftest.BTF) { b.Datasec(".data", 0, rawbtf.VarSecinfo{Type: 3}) }, `type 2 (datasec) has a type reference 3 out of range`},
		"element":               {func(b *elftest.BTF) { b.Raw("", 3<<24, 0, 3, 1, 1) }, `type 2 (array) has a type reference 3 out of range`},
		"index":                 {func(b *elftest.BTF) { b.Raw("", 3<<24, 0, 1, 3, 1) }, `type 2 (array) has a type reference 3 out of range`},
		"member":                {func(b *elftest.BTF) { b.Struct("s", 4, elftest.Member{Type: 3}) }, `type 2 (struct) has a type reference 3 out of range`},
		"union member":          {func(b *elftest.BTF) { b.Union("s", 4, elftest.Member{Type: 3}) }, `type 2 (union) has a type reference 3 out of range`},
		"name of member":        {func(b *elftest.BTF) { b.Raw("s", 4<<24|1, 4, 99, 1, 0) }, `type 2 (struct) has a name offset 99 out of range`},
		"name of enumerator":    {func(b *elftest.BTF) { b.Raw("e", 6<<24|1, 4, 99, 1) }, `type 2 (enum) has a name offset 99 out of range`},
		"name of enumerator 64": {func(b *elftest.BTF) { b.Raw("e", 19<<24|1, 8, 99, 1, 0) }, `type 2 (enum64) has a name offset 99 out of range`},
		"name of parameter":     {func(b *elftest.BTF) { b.Raw("", 13<<24|1, 0, 99, 1) }, `type 2 (func_proto) has a name offset 99 out of range`},
		"members end":           {func(b *elftest.BTF) { b.Raw("s", 4<<24|3, 4, 0, 1, 0) }, `type 2 (struct) ends outside the type section`},
		"enumerators end":       {func(b *elftest.BTF) { b.Raw("e", 6<<24|0xffff, 4) }, `type 2 (enum) ends outside the type section`},
		"integer ends":          {func(b *elftest.BTF) { b.Raw("i", 1<<24, 4) }, `type 2 (int) ends outside the type section`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			for _, bigEndian := range []bool{false, true} {
				var b elftest.BTF
				b.Int("int", 4, 0)
				tt.types(&b)
				data := b.Bytes(bigEndian)
				message := tt.message
				if message == "" { // damage the name of the second type
					order(bigEndian).PutUint32(data[24+16:], 99)
					message = `type 2 (ptr) has a name offset 99 out of range`
				}
				s, err := rawbtf.Parse(data, nil)
				want := `section ".BTF"+0x28: ` + message
				if err == nil || err.Error() != want || !errors.Is(err, elf.ErrMalformed) || s != nil {
					t.Errorf("big endian %t:\ngot  %v\nwant %s", bigEndian, err, want)
				}
			}
		})
	}
}

func TestTruncatedType(t *testing.T) {
	var b elftest.BTF
	b.Int("int", 4, 0)
	b.Ptr(1)
	data := b.Bytes(false)
	binary.LittleEndian.PutUint32(data[12:], 24) // the types end within the second
	_, err := rawbtf.Parse(data, nil)
	const want = `section ".BTF"+0x28: type 2 ends outside the type section`
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

// Split BTF continues the ids and the strings of its base.
func TestSplit(t *testing.T) {
	for _, bigEndian := range []bool{false, true} {
		var b elftest.BTF
		i := b.Int("int", 4, 0)
		base := build(t, &b, bigEndian)
		module := elftest.BTF{FirstID: base.NumTypes()}
		p := module.Ptr(i)
		module.Typedef("mine", p)
		data := module.Bytes(bigEndian)
		// Names of split BTF count from the end of the base's strings.
		baseStrings := uint32(len("\x00int\x00"))
		o := order(bigEndian)
		o.PutUint32(data[24+12:], o.Uint32(data[24+12:])+baseStrings)
		s, err := rawbtf.Parse(data, base)
		if err != nil {
			t.Fatal(err)
		}
		if s.FirstID() != 2 || s.NumTypes() != 4 || base.FirstID() != 1 {
			t.Errorf("first %d of %d", s.FirstID(), s.NumTypes())
		}
		if got := s.Type(3); got.Name() != "mine" || s.Type(got.SizeOrType).SizeOrType != i || s.Type(i).Name() != "int" {
			t.Errorf("type 3 is %q", got.Name())
		}
		if n, ok := s.Size(3); n != 8 || !ok {
			t.Errorf("size %d, %t", n, ok)
		}
		if s.Name(1) != "int" || s.Name(1000) != "" {
			t.Errorf("names %q, %q", s.Name(1), s.Name(1000))
		}
		if _, ok := s.Find(rawbtf.KindInt, "int"); ok {
			t.Error("Find looks into the base")
		}
		if _, err := rawbtf.Parse(module.Bytes(!bigEndian), base); err == nil || !strings.Contains(err.Error(), "byte order differs from that of the base BTF") {
			t.Errorf("mixed orders: %v", err)
		}
	}
}
