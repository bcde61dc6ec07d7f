// SPDX-License-Identifier: MIT

package mapops

import (
	"encoding/hex"
	"encoding/json"
	"net"
	"strconv"
	"strings"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/spec"
)

// The bytes that are wanted are those of a little-endian machine.
func littleEndian(t *testing.T) {
	if u32(1)[0] != 1 {
		t.Skip("the wanted bytes are those of a little-endian machine")
	}
}

func TestUntypedText(t *testing.T) {
	littleEndian(t)
	for name, c := range map[string]struct {
		typ  ebpf.MapType
		size uint32
		text string
		want string // hexadecimal
		json string // what comes back
	}{
		"byte":         {ebpf.Hash, 1, "7", "07", "7"},
		"short":        {ebpf.Hash, 2, "0x102", "0201", "258"},
		"word":         {ebpf.Hash, 4, "-1", "ffffffff", "4294967295"},
		"address":      {ebpf.Hash, 4, "10.0.0.1", "0a000001", "16777226"},
		"double word":  {ebpf.Hash, 8, "0x0102030405060708", "0807060504030201", "72623859790382856"},
		"bytes":        {ebpf.Hash, 3, "hex:0a 0b:0c", "0a0b0c", `"hex:0a0b0c"`},
		"hardware":     {ebpf.Hash, 6, "02:00:00:00:00:01", "020000000001", `"hex:020000000001"`},
		"long in hex":  {ebpf.Hash, 17, "0x" + strings.Repeat("ab", 17), strings.Repeat("ab", 17), `"hex:` + strings.Repeat("ab", 17) + `"`},
		"prefix":       {ebpf.LPMTrie, 8, "10.0.0.0/8", "080000000a000000", `"10.0.0.0/8"`},
		"host":         {ebpf.LPMTrie, 8, "10.0.0.1", "200000000a000001", `"10.0.0.1/32"`},
		"IPv6 prefix":  {ebpf.LPMTrie, 20, "fd00::/8", "08000000fd000000000000000000000000000000", `"fd00::/8"`},
		"mapped":       {ebpf.LPMTrie, 20, "hex:6000000000000000000000000000ffff01020304", "6000000000000000000000000000ffff01020304", `"::ffff:1.2.3.4/96"`},
		"odd prefix":   {ebpf.LPMTrie, 6, "hex:080000000a00", "080000000a00", `"hex:080000000a00"`},
		"long prefix":  {ebpf.LPMTrie, 8, "hex:ff0000000a000000", "ff0000000a000000", `"hex:ff0000000a000000"`},
		"JSON prefix":  {ebpf.LPMTrie, 8, `"10.0.0.0/8"`, "080000000a000000", `"10.0.0.0/8"`},
		"quoted":       {ebpf.Hash, 4, `"7"`, "07000000", "7"},
		"JSON in text": {ebpf.Hash, 8, ` 7`[1:], "0700000000000000", "7"},
	} {
		t.Run(name, func(t *testing.T) {
			m := newFake().create(t, Definition{Type: c.typ, KeySize: c.size, ValueSize: 4, MaxEntries: 4})
			key, err := m.ParseKey(c.text)
			if err != nil {
				t.Fatal(err)
			}
			if got := hex.EncodeToString(key); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			text, err := m.FormatKey(nil, key)
			if err != nil || string(text) != c.json {
				t.Errorf("got %s, %v; want %s", text, err, c.json)
			}
			back, err := m.DecodeKey(text)
			if err != nil || !cmp.Equal(back, key) {
				t.Errorf("%s reads as %x, %v; want %x", text, back, err, key)
			}
		})
	}
}

func TestBadText(t *testing.T) {
	trie := Definition{Type: ebpf.LPMTrie, KeySize: 8, ValueSize: 4, MaxEntries: 4}
	devmap := Definition{Type: ebpf.DevMap, ValueSize: 8, MaxEntries: 4}
	for name, c := range map[string]struct {
		d          Definition
		key, value string
		want       string
	}{
		"word":             {d: hashOf32, key: "x", want: `key: want an integer, got "x"`},
		"range":            {d: hashOf32, value: "4294967296", want: "value: 4294967296 does not fit 4 bytes"},
		"hex":              {d: hashOf32, key: "hex:0", want: "two hexadecimal digits"},
		"hex length":       {d: hashOf32, key: "hex:00", want: "want 4 bytes, got 1"},
		"number for trie":  {d: trie, key: "5", want: `want a prefix of 32 bits, such as "10.0.0.0/8"`},
		"IPv6 for IPv4":    {d: trie, key: "fd00::/8", want: "want a prefix of 32 bits"},
		"no prefix":        {d: trie, key: `["10.0.0.0"]`, want: "want a prefix of 32 bits"},
		"broken JSON":      {d: devmap, value: "{", want: "not JSON"},
		"two values":       {d: devmap, value: `{"ifindex":1} 2`, want: "something follows"},
		"a bracket more":   {d: devmap, value: `{"ifindex":1}}`, want: "something follows"},
		"no interface":     {d: devmap, value: "bpfload-no-such", want: "neither the name nor the number of a network interface"},
		"no ifindex":       {d: devmap, value: `{"bpf_prog":"id:1"}`, want: `want "ifindex"`},
		"another member":   {d: devmap, value: `{"ifindex":1,"program":"id:1"}`, want: "got other members"},
		"no reference":     {d: devmap, value: `{"ifindex":1,"bpf_prog":7}`, want: "want a reference to a program"},
		"another union":    {d: devmap, value: `{"ifindex":1,"bpf_prog":{"pin":"x"}}`, want: `want a reference to a program (pinned:PATH, id:N or fd:N), got {"pin":"x"}`},
		"no room":          {d: Definition{Type: ebpf.DevMap, ValueSize: 4, MaxEntries: 4}, value: `{"ifindex":1,"bpf_prog":"id:7"}`, want: "have no room for a program"},
		"no queue":         {d: Definition{Type: ebpf.CPUMap, ValueSize: 8, MaxEntries: 4}, value: `{"qsize":"lo"}`, want: "qsize: want an integer"},
		"number for slot":  {d: Definition{Type: ebpf.ProgramArray, MaxEntries: 4}, value: "7", want: "want a reference to a program (pinned:PATH, id:N or fd:N)"},
		"list for slot":    {d: Definition{Type: ebpf.ProgramArray, MaxEntries: 4}, value: "[1]", want: "want a reference to a program"},
		"relative pin":     {d: Definition{Type: ebpf.ProgramArray, MaxEntries: 4}, value: "pinned:x", want: "no absolute path"},
		"no such pin":      {d: Definition{Type: ebpf.ProgramArray, MaxEntries: 4}, value: "pinned:/sys/fs/bpf/none", want: "nothing is pinned at /sys/fs/bpf/none"},
		"no such id":       {d: Definition{Type: ebpf.ProgramArray, MaxEntries: 4}, value: "id:9", want: "there is no program of id 9"},
		"bad id":           {d: Definition{Type: ebpf.ProgramArray, MaxEntries: 4}, value: "id:x", want: "want a reference"},
		"bad fd":           {d: Definition{Type: ebpf.ProgramArray, MaxEntries: 4}, value: "fd:x", want: "want a reference"},
		"path for socket":  {d: Definition{Type: ebpf.SockMap, ValueSize: 8, MaxEntries: 4}, value: "/x", want: "want a reference to a socket (fd:N"},
		"no cgroup":        {d: Definition{Type: ebpf.CGroupArray, MaxEntries: 4}, value: "/no/such", want: "opening /no/such: no such file"},
		"pid for program":  {d: Definition{Type: ebpf.ProgramArray, MaxEntries: 4}, value: "pid:1", want: "want a reference to a program"},
		"pid 0":            {d: Definition{Type: ebpf.TaskStorage, ValueSize: 4}, key: "pid:0", want: "want a reference to a process (pid:N or fd:N)"},
		"number for task":  {d: Definition{Type: ebpf.TaskStorage, ValueSize: 4}, key: "1", want: "want a reference to a process"},
		"too few CPUs":     {d: Definition{Type: ebpf.PerCPUHash, KeySize: 4, ValueSize: 4, MaxEntries: 4}, value: "[1,2]", want: "2 values for 3 possible CPUs"},
		"one CPU's value":  {d: Definition{Type: ebpf.PerCPUHash, KeySize: 4, ValueSize: 4, MaxEntries: 4}, value: `[1,2,"x"]`, want: "CPU 2: want an integer"},
		"half a list":      {d: Definition{Type: ebpf.PerCPUHash, KeySize: 4, ValueSize: 4, MaxEntries: 4}, value: `[1,2`, want: "not JSON"},
		"value of a ring":  {d: Definition{Type: ebpf.RingBuf, MaxEntries: 4096}, value: "1", want: "this ringbuf has no values"},
		"key of a queue":   {d: Definition{Type: ebpf.Queue, ValueSize: 4, MaxEntries: 4}, key: "1", want: "this queue has no keys"},
		"stack trace":      {d: Definition{Type: ebpf.StackTrace, ValueSize: 24, MaxEntries: 4}, value: "1", want: "give all 24 as hex"},
		"broken reference": {d: Definition{Type: ebpf.ProgramArray, MaxEntries: 4}, value: `"id:`, want: "not JSON"},
	} {
		t.Run(name, func(t *testing.T) {
			m := newFake().create(t, c.d)
			var err error
			if c.key != "" {
				_, err = m.ParseKey(c.key)
			} else {
				_, err = m.ParseValue(c.value)
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestSpecialValues(t *testing.T) {
	littleEndian(t)
	lo, err := net.InterfaceByName("lo")
	if err != nil {
		t.Skip(err)
	}
	index := hex.EncodeToString(u32(lo.Index))
	for name, c := range map[string]struct {
		d    Definition
		text string
		want string
		json string
	}{
		"interface":       {Definition{Type: ebpf.DevMap, MaxEntries: 4}, "lo", index, `"lo"`},
		"number":          {Definition{Type: ebpf.DevMapHash, MaxEntries: 4}, strconv.Itoa(lo.Index), index, `"lo"`},
		"no such":         {Definition{Type: ebpf.DevMap, MaxEntries: 4}, "2147483647", "ffffff7f", "2147483647"},
		"devmap value":    {Definition{Type: ebpf.DevMap, ValueSize: 8, MaxEntries: 4}, `{"ifindex":"lo","bpf_prog":null}`, index + "00000000", `{"ifindex":"lo","bpf_prog":null}`},
		"short":           {Definition{Type: ebpf.DevMap, ValueSize: 8, MaxEntries: 4}, "lo", index + "00000000", `{"ifindex":"lo","bpf_prog":null}`},
		"bytes":           {Definition{Type: ebpf.DevMap, ValueSize: 8, MaxEntries: 4}, "hex:0100000007000000", "0100000007000000", `{"ifindex":"lo","bpf_prog":"id:7"}`},
		"as in C":         {Definition{Type: ebpf.CPUMap, ValueSize: 8, MaxEntries: 4}, `{"qsize":192,"bpf_prog":{"fd":"fd:7"}}`, "c000000007000000", `{"qsize":192,"bpf_prog":"id:7"}`},
		"as in C, number": {Definition{Type: ebpf.CPUMap, ValueSize: 8, MaxEntries: 4}, `{"qsize":192,"bpf_prog":{"fd":7}}`, "c000000007000000", `{"qsize":192,"bpf_prog":"id:7"}`},
		"as in C, none":   {Definition{Type: ebpf.CPUMap, ValueSize: 8, MaxEntries: 4}, `{"qsize":192,"bpf_prog":{"fd":-1}}`, "c000000000000000", `{"qsize":192,"bpf_prog":null}`},
		"with fd":         {Definition{Type: ebpf.CPUMap, ValueSize: 8, MaxEntries: 4}, `{"qsize":192,"bpf_prog":"fd:7"}`, "c000000007000000", `{"qsize":192,"bpf_prog":"id:7"}`},
		"queue":           {Definition{Type: ebpf.CPUMap, MaxEntries: 4}, "192", "c0000000", "192"},
		"odd value":       {Definition{Type: ebpf.CPUMap, ValueSize: 12, MaxEntries: 4}, "hex:000102030405060708090a0b", "000102030405060708090a0b", `"hex:000102030405060708090a0b"`},
		"slot":            {Definition{Type: ebpf.ProgramArray, MaxEntries: 4}, "fd:9", "09000000", `"id:9"`},
		"slot in hex":     {Definition{Type: ebpf.ProgramArray, MaxEntries: 4}, "hex:09000000", "09000000", `"id:9"`},
		"socket cookie":   {Definition{Type: ebpf.SockMap, ValueSize: 8, MaxEntries: 4}, "fd:9", "0900000000000000", "9"},
		"stack trace":     {Definition{Type: ebpf.StackTrace, ValueSize: 24, MaxEntries: 4}, "hex:" + strings.Repeat("01", 16) + strings.Repeat("00", 8), strings.Repeat("01", 16) + strings.Repeat("00", 8), `["0x101010101010101","0x101010101010101"]`},
		"odd trace":       {Definition{Type: ebpf.StackTrace, ValueSize: 4, MaxEntries: 4}, "1", "01000000", `"hex:01000000"`},
		"value of a CPU":  {Definition{Type: ebpf.PerCPUArray, ValueSize: 2, MaxEntries: 4}, "[1,2,3]", "010000000000000002000000000000000300000000000000", "[1,2,3]"},
		"value of all":    {Definition{Type: ebpf.PerCPUArray, ValueSize: 2, MaxEntries: 4}, "5", "050000000000000005000000000000000500000000000000", "[5,5,5]"},
	} {
		t.Run(name, func(t *testing.T) {
			m := newFake().create(t, c.d)
			if strings.HasPrefix(index+"00", "01") == false && name == "bytes" {
				t.Skip("lo is not interface 1")
			}
			value, err := m.ParseValue(c.text)
			if err != nil {
				t.Fatal(err)
			}
			if got := hex.EncodeToString(value); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			text, err := m.FormatValue(nil, value)
			if err != nil || string(text) != c.json {
				t.Errorf("got %s, %v; want %s", text, err, c.json)
			}
			if !json.Valid(text) {
				t.Errorf("%s is no JSON", text)
			}
		})
	}
}

// What refers to something is opened once and closed with the map.
func TestReferences(t *testing.T) {
	f := newFake()
	inner := f.create(t, hashOf32)
	if err := inner.Pin("/sys/fs/bpf/inner"); err != nil {
		t.Fatal(err)
	}
	outer, err := Create(Definition{Type: ebpf.ArrayOfMaps, MaxEntries: 4, Inner: "/sys/fs/bpf/inner"}, f.options())
	if err != nil {
		t.Fatal(err)
	}
	before := len(f.Open())
	for range 3 {
		if _, err := outer.ParseValue("pinned:/sys/fs/bpf/inner"); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(f.Open()) - before; n != 1 {
		t.Errorf("%d descriptors for one reference", n)
	}
	f.info = "prog_type:\t6\n"
	if _, err := outer.ParseValue("/sys/fs/bpf/inner"); err == nil || !strings.Contains(err.Error(), "is a program, want a map") {
		t.Errorf("got %v, want an error about the kind", err)
	}
	outer.Close()
	if n := len(f.Open()) - before; n != -1 {
		t.Errorf("%d descriptors more than before", n)
	}
}

func TestStorageKeys(t *testing.T) {
	f := newFake()
	task := f.create(t, Definition{Type: ebpf.TaskStorage, ValueSize: 4})
	if _, err := task.ParseKey("pid:1"); err != nil && !strings.Contains(err.Error(), unix.EPERM.Error()) {
		t.Error(err)
	}
	inode := f.create(t, Definition{Type: ebpf.InodeStorage, ValueSize: 4})
	if _, err := inode.ParseKey("codec_test.go"); err == nil {
		t.Error("a relative path was taken")
	}
	if _, err := inode.ParseKey(t.TempDir()); err != nil {
		t.Error(err)
	}
	for _, m := range []*Map{task, inode} {
		for name, fd := range m.refs.open {
			unix.Close(fd) // real ones, which the fake does not know
			delete(m.refs.open, name)
		}
	}
}

func TestTraitsOfEveryType(t *testing.T) {
	for i, name := range spec.MapTypeNames() {
		typ := ebpf.MapType(i + 1)
		tr := traitsOf(typ)
		if tr.perCPU != strings.Contains(name, "percpu") {
			t.Errorf("%s: per-CPU is %v", name, tr.perCPU)
		}
		if tr.array && tr.hash || tr.keyless && !tr.unlisted {
			t.Errorf("%s: %+v contradicts itself", name, tr)
		}
	}
}
