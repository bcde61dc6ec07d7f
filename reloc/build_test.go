// SPDX-License-Identifier: MIT

package reloc_test

import (
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/bpfload/bpfload/btfmaps"
	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/globals"
	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/rawbtf"
	"github.com/bpfload/bpfload/reloc"
	"github.com/bpfload/bpfload/spec"
)

// An object is what the packages below reloc make of a file.
type object struct {
	file   *elf.File
	types  *rawbtf.Spec
	ext    *rawbtf.Ext
	defs   []btfmaps.Definition
	maps   []*spec.Map
	linker *reloc.Linker
}

// open decodes an object as the loader does, without the old maps section.
func open(data []byte, opts reloc.Options) (*object, error) {
	o := &object{}
	var err error
	if o.file, err = elf.Parse(data); err != nil {
		return nil, err
	}
	if s, ok := o.file.SectionNamed(".BTF"); ok {
		if o.types, err = rawbtf.Parse(s.Data, nil); err != nil {
			return nil, err
		}
		if s, ok := o.file.SectionNamed(".BTF.ext"); ok {
			if o.ext, err = rawbtf.ParseExt(s.Data, o.types); err != nil {
				return nil, err
			}
		}
	}
	if o.defs, _, err = btfmaps.Decode(o.file, o.types, btfmaps.Options{Relaxed: true}); err != nil {
		return nil, err
	}
	for i := range o.defs {
		o.maps = append(o.maps, o.defs[i].Map)
	}
	variables, _, _, err := globals.Decode(o.file, o.types)
	if err != nil {
		return nil, err
	}
	o.maps = append(o.maps, variables...)
	kconfig, _, err := globals.Kconfig(o.file, o.types)
	if err != nil {
		return nil, err
	}
	if kconfig != nil {
		o.maps = append(o.maps, kconfig)
	}
	o.linker, err = reloc.New(o.file, o.types, o.ext, o.maps, opts)
	return o, err
}

// bothOrders runs a test on little-endian and on big-endian objects.
func bothOrders(t *testing.T, test func(t *testing.T, o *elftest.Object)) {
	t.Run("el", func(t *testing.T) { test(t, &elftest.Object{}) })
	t.Run("eb", func(t *testing.T) { test(t, &elftest.Object{BigEndian: true}) })
}

// mustOpen opens a built object.
func mustOpen(t *testing.T, o *elftest.Object, opts reloc.Options) *object {
	t.Helper()
	obj, err := open(o.Bytes(), opts)
	if err != nil {
		t.Fatal(err)
	}
	return obj
}

// named returns the program of that name.
func (o *object) named(t *testing.T, name string) *spec.Program {
	t.Helper()
	for _, p := range o.linker.Programs() {
		if p.Name == name {
			return p
		}
	}
	t.Fatalf("no program %q among %v", name, names(o.linker))
	return nil
}

// link links the program of that name.
func (o *object) link(t *testing.T, name string) *reloc.Code {
	t.Helper()
	c, err := o.linker.Link(o.named(t, name))
	if err != nil {
		t.Fatal(err)
	}
	n, err := o.linker.InsnCount(o.named(t, name))
	if err != nil || n != c.Len() {
		t.Errorf("InsnCount is %d %v, linked are %d", n, err, c.Len())
	}
	return c
}

// linkError links the program of that name, which must fail, and returns the text.
func (o *object) linkError(t *testing.T, name string) string {
	t.Helper()
	c, err := o.linker.Link(o.named(t, name))
	if err == nil {
		t.Fatalf("%q was linked", name)
	}
	if c != nil {
		t.Error("code beside an error")
	}
	checkError(t, err)
	_, again := o.linker.Link(o.named(t, name))
	if again == nil || again.Error() != err.Error() {
		t.Errorf("%v the first time, then %v", err, again)
	}
	if _, counted := o.linker.InsnCount(o.named(t, name)); counted == nil || counted.Error() != err.Error() {
		t.Errorf("InsnCount says %v, Link %v", counted, err)
	}
	return err.Error()
}

// checkError checks what every error of the package must be.
func checkError(t *testing.T, err error) {
	t.Helper()
	if place := (*elf.Error)(nil); !errors.As(err, &place) {
		t.Errorf("%v: no place", err)
	}
	if !errors.Is(err, elf.ErrMalformed) && !errors.Is(err, elf.ErrUnsupported) {
		t.Errorf("%v: neither malformed nor unsupported", err)
	}
}

// names lists programs as SECTION/NAME, with the type's source.
func names(l *reloc.Linker) []string {
	var out []string
	for _, p := range l.Programs() {
		out = append(out, p.Section+" "+p.Name)
	}
	return out
}

// checkCode compares instructions.
func checkCode(t *testing.T, o *elftest.Object, c *reloc.Code, want ...elftest.Insn) {
	t.Helper()
	if c.Big != o.BigEndian {
		t.Errorf("big-endian %v", c.Big)
	}
	if got, want := lines(c.Insns), lines(o.Insns(want...)); got != want {
		t.Errorf("instructions\n%swant\n%s", got, want)
	}
}

func lines(code []byte) string {
	var b strings.Builder
	for i := 0; i+8 <= len(code); i += 8 {
		fmt.Fprintf(&b, "%3d: %s\n", i/8, hex.EncodeToString(code[i:i+8]))
	}
	return b.String()
}

// codes lists the codes of warnings.
func codes(warnings []spec.Warning) []string {
	var out []string
	for _, w := range warnings {
		out = append(out, w.Code)
	}
	return out
}

// mapDef adds a map definition to BTF and to section .maps, whose data the caller
// has made: 32 bytes a map.
func mapVar(b *elftest.BTF, name string, linkage rawbtf.Linkage, members ...elftest.Member) rawbtf.ID {
	for i := range members {
		members[i].Bits = uint32(64 * i)
	}
	return b.Var(name, b.Struct("", uint32(8*len(members)), members...), linkage)
}

// simpleMap adds the definition of a hash of u32 to u32: 32 bytes of section .maps.
func simpleMap(b *elftest.BTF, name string) rawbtf.ID {
	u32 := b.Ptr(b.Int("unsigned int", 4, 0))
	return mapVar(b, name, rawbtf.LinkageGlobal,
		elftest.Member{Name: "type", Type: b.Uint(1)}, elftest.Member{Name: "key", Type: u32},
		elftest.Member{Name: "value", Type: u32}, elftest.Member{Name: "max_entries", Type: b.Uint(16)})
}

// load returns the slots of a 64-bit load.
func load(dst, src uint8, imm, imm2 int32) []elftest.Insn {
	return elftest.LoadImm64(dst, src, imm, imm2)
}

// insns concatenates instructions and slices of them.
func insns(parts ...any) []elftest.Insn {
	var out []elftest.Insn
	for _, p := range parts {
		switch p := p.(type) {
		case elftest.Insn:
			out = append(out, p)
		case []elftest.Insn:
			out = append(out, p...)
		}
	}
	return out
}

// mov is r0 = n, which tells functions apart.
func mov(n int32) elftest.Insn { return elftest.Insn{Op: 0xb7, Imm: n} }

var (
	exit      = elftest.Exit
	callReloc = elftest.CallLocal(-1)
)

const relText, relCall = 1, 10 // R_BPF_64_64, R_BPF_64_32

// notype adds a symbol as clang before 8 wrote those of functions.
func notype(o *elftest.Object, name string, binding elf.Binding, section int, value uint64) int {
	return o.Symbol(elftest.Symbol{Name: name, Binding: binding, Section: section, Value: value})
}

// static adds a local function.
func static(o *elftest.Object, name string, section int, value, size uint64) int {
	return o.Symbol(elftest.Symbol{Name: name, Type: elf.STTFunc, Section: section, Value: value, Size: size})
}

func equal(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s %q, want %q", what, got, want)
	}
}
