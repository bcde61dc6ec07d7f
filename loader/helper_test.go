// SPDX-License-Identifier: MIT

package loader

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/internal/kernel"
	"github.com/bpfload/bpfload/internal/sys/systest"
	"github.com/bpfload/bpfload/rawbtf"
)

// sample opens one of the committed objects, compiled for this machine.
func sample(t testing.TB, name string) *Object {
	t.Helper()
	o, err := OpenFile(samplePath(name), nil)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func samplePath(name string) string { return filepath.Join("..", "testdata", "bpf", name) }

// samples returns the names of all committed objects for little-endian machines.
func samples(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob(samplePath("*.o"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no sample objects: %v", err)
	}
	var names []string
	for _, f := range files {
		if name := filepath.Base(f); !strings.HasSuffix(name, "-eb.o") {
			names = append(names, name)
		}
	}
	return names
}

// recorded is a kernel of which nothing but the version and the CPUs is known, with
// the types that the test gives it.
func recorded(release string, btf *elftest.BTF) *kernel.Kernel {
	files := fstest.MapFS{"sys/devices/system/cpu/possible": {Data: []byte("0-3\n")}}
	if btf != nil {
		files["sys/kernel/btf/vmlinux"] = &fstest.MapFile{Data: btf.Bytes(nativeBig)}
	}
	return kernel.New(kernel.Source{FS: files, Uname: func() (kernel.Uname, error) {
		return kernel.Uname{Release: release, Machine: "x86_64"}, nil
	}})
}

// on returns options that load into k.
func on(k *systest.Kernel, opts LoadOptions) *LoadOptions {
	opts.kernel, opts.Workers = k, 1
	opts.ids = recorded("6.18.0", nil)
	opts.facts = opts.ids
	return &opts
}

func skipBigEndian(t testing.TB) {
	t.Helper()
	if binary.NativeEndian.Uint16([]byte{0, 1}) == 1 {
		t.Skip("the sample objects are little-endian and cannot be loaded here")
	}
}

func needRoot(t testing.TB) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("loading programs needs root")
	}
}

// everything is an object with a part of each kind: data sections, a prog array, a
// map of maps, a map pinned by name, programs and a subprogram.
func everything(t testing.TB) *Object {
	t.Helper()
	f := &elftest.Object{BigEndian: nativeBig}
	b := &elftest.BTF{}
	i := b.Int("int", 4, rawbtf.IntSigned)
	void := b.Ptr(0)
	entry := b.FuncProto(i, elftest.Param{Name: "ctx", Type: void})
	member := func(name string, typ rawbtf.ID, at uint32) elftest.Member {
		return elftest.Member{Name: name, Type: typ, Bits: 64 * at}
	}
	values := func(of rawbtf.ID) rawbtf.ID { // an array is indexed by an int, the kernel insists
		return b.Raw("", uint32(rawbtf.KindArray)<<24, 0, b.Ptr(of), i, 0)
	}
	key, value := member("key", b.Ptr(i), 1), member("value", b.Ptr(i), 2)
	inner := b.Struct("inner", 32, member("type", b.Uint(2), 0), key, value, member("max_entries", b.Uint(4), 3))
	outer := b.Struct("outer", 24, member("type", b.Uint(12), 0), key, member("max_entries", b.Uint(4), 2), member("values", values(inner), 3))
	jumps := b.Struct("jumps", 24, member("type", b.Uint(3), 0), key, member("max_entries", b.Uint(2), 2), member("values", values(entry), 3))
	named := b.Struct("named", 40, member("type", b.Uint(1), 0), key, value, member("max_entries", b.Uint(16), 3), member("pinning", b.Uint(1), 4))
	secinfo := func(name string, typ rawbtf.ID) rawbtf.VarSecinfo {
		return rawbtf.VarSecinfo{Type: b.Var(name, typ, rawbtf.LinkageGlobal)}
	}
	b.Datasec(".maps", 0, secinfo("a", inner), secinfo("b", inner), secinfo("tables", outer), secinfo("jump", jumps), secinfo("shared", named))
	b.Datasec(".rodata", 0, secinfo("limit", i))
	b.Datasec(".bss", 0, secinfo("count", i))
	first, second := b.Func("first", entry, rawbtf.LinkageGlobal), b.Func("second", entry, rawbtf.LinkageGlobal)

	// first loads the address of limit and of jump, second is a leaf.
	code := append(elftest.LoadImm64(1, 0, 0, 0), elftest.LoadImm64(2, 0, 0, 0)...)
	xdp := f.Code("xdp", append(code, elftest.Ret0, elftest.Exit, elftest.Ret0, elftest.Exit)...)
	maps := f.Data(".maps", make([]byte, 32+32+40+40+40))
	rodata := f.Rodata(".rodata", []byte{42, 0, 0, 0})
	bss := f.Bss(".bss", 4)
	f.License("GPL")
	f.Ext(&elftest.Ext{Funcs: []elftest.ExtSection{{Name: "xdp", Records: [][]uint32{elftest.FuncInfo(0, first), elftest.FuncInfo(48, second)}}}}, b)
	f.BTF(b)
	f.Func("first", xdp, 0, 48)
	prog := f.Func("second", xdp, 48, 16)
	a := f.Object("a", maps, 0, 32)
	c := f.Object("b", maps, 32, 32)
	f.Object("tables", maps, 64, 40)
	jump := f.Object("jump", maps, 104, 40)
	f.Object("shared", maps, 144, 40)
	limit := f.Object("limit", rodata, 0, 4)
	f.Object("count", bss, 0, 4)
	f.Rel(xdp, 0, limit, 1)
	f.Rel(xdp, 16, jump, 1)
	f.Rel(maps, 64+24, a, 2)
	f.Rel(maps, 64+24+8, c, 2)
	f.Rel(maps, 104+24+8, prog, 2)
	o, err := Open(f.Bytes(), &Options{Name: "everything.o"})
	if err != nil {
		t.Fatal(err)
	}
	return o
}
