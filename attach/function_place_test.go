// SPDX-License-Identifier: MIT

package attach

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bpfload/bpfload/loader"
)

// A symbol of the program that the tests make. Addresses are 0x1000 more than the
// places in the file.
type symbol struct {
	name    string
	address uint64
	typ     elf.SymType
	bind    elf.SymBind
	undef   bool
	size    uint64
}

// program writes a program with two symbol tables and returns its path.
func program(t *testing.T, dynamic, static []symbol) string {
	t.Helper()
	const headers, sections = 64 + 56, 5
	var strtab bytes.Buffer
	strtab.WriteByte(0)
	table := func(list []symbol) []byte {
		var b bytes.Buffer
		if err := binary.Write(&b, binary.LittleEndian, elf.Sym64{}); err != nil {
			t.Fatal(err)
		}
		for _, s := range list {
			sym := elf.Sym64{Name: uint32(strtab.Len()), Info: elf.ST_INFO(s.bind, s.typ), Shndx: 1, Value: s.address, Size: s.size}
			if s.undef {
				sym.Shndx = 0
			}
			strtab.WriteString(s.name + "\x00")
			if err := binary.Write(&b, binary.LittleEndian, sym); err != nil {
				t.Fatal(err)
			}
		}
		return b.Bytes()
	}
	dyn, sym := table(dynamic), table(static)
	var b bytes.Buffer
	write := func(v any) {
		if err := binary.Write(&b, binary.LittleEndian, v); err != nil {
			t.Fatal(err)
		}
	}
	at := uint64(headers + sections*64)
	write(elf.Header64{Ident: [16]byte{0x7f, 'E', 'L', 'F', 2, 1, 1}, Type: uint16(elf.ET_DYN), Machine: uint16(elf.EM_X86_64), Version: 1,
		Phoff: 64, Shoff: headers, Ehsize: 64, Phentsize: 56, Phnum: 1, Shentsize: 64, Shnum: sections, Shstrndx: 4})
	write(elf.Prog64{Type: uint32(elf.PT_LOAD), Flags: uint32(elf.PF_X | elf.PF_R), Off: 0, Vaddr: 0x1000, Filesz: 0x10000, Memsz: 0x10000})
	write(elf.Section64{})
	write(elf.Section64{Type: uint32(elf.SHT_NOBITS), Flags: uint64(elf.SHF_EXECINSTR), Size: 0x1000})
	write(elf.Section64{Type: uint32(elf.SHT_DYNSYM), Off: at, Size: uint64(len(dyn)), Link: 4, Entsize: 24})
	write(elf.Section64{Type: uint32(elf.SHT_SYMTAB), Off: at + uint64(len(dyn)), Size: uint64(len(sym)), Link: 4, Entsize: 24})
	write(elf.Section64{Type: uint32(elf.SHT_STRTAB), Off: at + uint64(len(dyn)+len(sym)), Size: uint64(strtab.Len())})
	b.Write(dyn)
	b.Write(sym)
	b.Write(strtab.Bytes())
	path := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(path, b.Bytes(), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func fn(name string, address uint64, bind elf.SymBind) symbol {
	return symbol{name: name, address: address, typ: elf.STT_FUNC, bind: bind, size: 16}
}

// A name stands for one function, or it is an error that says which there are: libbpf
// refuses such a name, and others attach to whichever comes last.
func TestFunctionPlace(t *testing.T) {
	const local, global, weak = elf.STB_LOCAL, elf.STB_GLOBAL, elf.STB_WEAK
	versions := []symbol{fn("regexec@V1", 0x1100, global), fn("regexec@@V2", 0x1200, global), fn("regexec@V0", 0x1300, global)}
	path := program(t,
		[]symbol{fn("exported", 0x1010, global), {name: "imported", typ: elf.STT_FUNC, bind: global, undef: true},
			{name: "memcpy", address: 0x1500, typ: elf.STT_GNU_IFUNC, bind: global, size: 16}, {name: "counter", address: 0x1600, typ: elf.STT_OBJECT, bind: global}},
		append([]symbol{fn("init", 0x1020, local), fn("init", 0x1030, local), fn("exported", 0x1040, local), fn("alias", 0x1050, local), fn("alias", 0x1050, global),
			fn("overridden", 0x1060, weak), fn("overridden", 0x1070, global), fn("old@V1", 0x1400, global),
			{name: "_start", address: 0x1080, typ: elf.STT_FUNC, bind: global}, fn("unmapped", 0x90000, global)}, versions...))
	for name, tc := range map[string]struct {
		function   string
		offset     uint64
		want       uint64
		text, hint string
	}{
		"exported before a local of its name": {function: "exported", want: 0x10},
		"two names of one place":              {function: "alias", want: 0x50},
		"strong before weak":                  {function: "overridden", offset: 4, want: 0x74},
		"no size":                             {function: "_start", want: 0x80},
		"two locals":                          {function: "init", text: `has 2 functions "init": init at 0x20, init at 0x30`, hint: ":0x20"},
		"standard version":                    {function: "regexec", want: 0x200},
		"old version":                         {function: "regexec@V1", want: 0x100},
		"standard version by name":            {function: "regexec@@V2", want: 0x200},
		"only an old version":                 {function: "old", want: 0x400},
		"no such version":                     {function: "regexec@V9", text: `has no function "regexec@V9"`},
		"beyond the end":                      {function: "alias", offset: 16, text: "has 16 bytes: there is no alias+0x10"},
		"of a library":                        {function: "imported", text: "another file has it", hint: "ldd"},
		"chosen at start":                     {function: "memcpy", text: "several variants"},
		"a variable":                          {function: "counter", text: `has no function "counter"`},
		"misspelt":                            {function: "exprted", text: `has no function "exprted"`, hint: "did you mean exported"},
		"in no segment":                       {function: "unmapped", text: `has no function "unmapped"`},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := functionPlace(path, tc.function, tc.offset)
			if tc.text == "" {
				if err != nil || got != tc.want {
					t.Errorf("got %#x, %v; want %#x", got, err, tc.want)
				}
				return
			}
			if e := loader.Classify(err); err == nil || !strings.Contains(err.Error(), tc.text) || !strings.Contains(e.Hint(), tc.hint) || e.Code != "target-not-found" {
				t.Errorf("got %#x, %v (%q); want %q (%q)", got, err, e.Hint(), tc.text, tc.hint)
			}
		})
	}
	if _, err := functionPlace(program(t, nil, nil), "main", 0); err == nil || !strings.Contains(loader.Classify(err).Hint(), "no symbols") {
		t.Errorf("stripped: %v", err)
	}
}

// A pattern means every function that matches, also those that share a name.
func TestFindFunctions(t *testing.T) {
	path := program(t, []symbol{fn("tcp_a", 0x1010, elf.STB_GLOBAL)},
		[]symbol{fn("tcp_a", 0x1010, elf.STB_GLOBAL), fn("tcp_s", 0x1030, elf.STB_LOCAL), fn("tcp_s", 0x1020, elf.STB_LOCAL), fn("udp", 0x1040, elf.STB_GLOBAL)})
	for pattern, want := range map[string][]uint64{"tcp_*": {0x10, 0x20, 0x30}, "tcp_s": {0x20, 0x30}, "udp": {0x40}} {
		got, err := findFunctions(path, pattern)
		if err != nil {
			t.Errorf("%s: %v", pattern, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", pattern, diff)
		}
	}
	for _, pattern := range []string{"sctp_*", "sctp"} {
		if got, err := findFunctions(path, pattern); err == nil {
			t.Errorf("%s: %v", pattern, got)
		}
	}
}

// The versions of a real library stand in a table of their own.
func TestFunctionPlaceVersioned(t *testing.T) {
	path, err := findFile("libc.so.6")
	if err != nil {
		t.Skip("there is no C library to look into")
	}
	f, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	symbols, err := f.DynamicSymbols()
	if err != nil {
		t.Fatal(err)
	}
	tried := 0
	for _, s := range symbols {
		if elf.ST_TYPE(s.Info) != elf.STT_FUNC || s.Section == elf.SHN_UNDEF || s.Version == "" {
			continue
		}
		if tried++; tried > 20 {
			break
		}
		want, _ := fileOffset(f, s.Value)
		if got, err := functionPlace(path, s.Name+"@"+s.Version, 0); err != nil || got != want {
			t.Errorf("%s@%s: %#x, %v, want %#x", s.Name, s.Version, got, err, want)
		}
	}
	if tried == 0 {
		t.Skip("the C library has no versions")
	}
}

// The place 0 is where a file's header is, and the library takes it for no place at all.
func TestNoCodeAtZero(t *testing.T) {
	attach, err := parseUprobe(&Target{Kind: "uprobe", Place: program(t, nil, nil) + ":0x0"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := attach(&Program{}); err == nil || !strings.HasSuffix(err.Error(), "has no code at 0: its header is there") {
		t.Errorf("got %v", err)
	}
}
