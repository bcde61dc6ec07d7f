// SPDX-License-Identifier: MIT

package mapops

import (
	"errors"
	"io/fs"
	"strings"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/sys"
	"github.com/bpfload/bpfload/loader"
)

func TestOpen(t *testing.T) {
	f := newFake()
	m := f.create(t, hashOf32)
	if err := m.Pin("/sys/fs/bpf/h"); err != nil {
		t.Fatal(err)
	}
	before := len(f.Open())
	for _, ref := range []string{"/sys/fs/bpf/h", "pinned:/sys/fs/bpf/h"} {
		got, err := Open(ref, f.options())
		if err != nil {
			t.Fatal(err)
		}
		want := Info{ID: m.ID, Name: "h", Type: ebpf.Hash, KeySize: 4, ValueSize: 4, MaxEntries: 64}
		if diff := cmp.Diff(want, got.Info); diff != "" {
			t.Error(diff)
		}
		got.Close()
	}
	f.info = "prog_type:\t6\n"
	_, err := Open("/sys/fs/bpf/h", f.options())
	wantError(t, err, 66, "not-a-map", "/sys/fs/bpf/h is a program, not a map")
	if n := len(f.Open()); n != before {
		t.Errorf("%d descriptors are open, want %d", n, before)
	}
}

func TestOpenErrors(t *testing.T) {
	for name, c := range map[string]struct {
		ref   string
		errno unix.Errno
		ro    bool
		exit  int
		code  string
		text  string
	}{
		"nothing":         {ref: "/sys/fs/bpf/none", exit: 66, code: "map-missing", text: "nothing is pinned at /sys/fs/bpf/none"},
		"directory":       {ref: "/sys/fs/bpf", exit: 66, code: "not-a-map", text: "is a directory"},
		"ordinary file":   {ref: "/etc", errno: unix.EACCES, exit: 66, code: "not-a-map", text: "is an ordinary file"},
		"permissions":     {ref: "/sys/fs/bpf/h", errno: unix.EACCES, exit: 4, code: "pin-unreadable", text: "permission denied"},
		"no capability":   {ref: "/sys/fs/bpf/h", errno: unix.EPERM, exit: 4, code: "capability", text: "opening /sys/fs/bpf/h"},
		"program, reader": {ref: "/sys/fs/bpf/h", errno: unix.EINVAL, ro: true, exit: 66, code: "not-a-map", text: "is not the pin of a map"},
		"no such id":      {ref: "id:9", exit: 66, code: "map-missing", text: "there is no map of id 9"},
		"bad id":          {ref: "id:x", exit: 2, code: "usage", text: "want the id of a map"},
		"id refused":      {ref: "id:9", errno: unix.EPERM, exit: 4, code: "capability", text: "opening id:9"},
		"no path":         {ref: "", exit: 2, code: "usage", text: `"" is no path`},
		"NUL":             {ref: "/a\x00b", exit: 2, code: "usage", text: "is no path"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake()
			if err := f.create(t, hashOf32).Pin("/sys/fs/bpf/h"); err != nil {
				t.Fatal(err)
			}
			f.answer = func(a sys.Attr) (int, error) {
				if c.errno == 0 {
					return 0, nil
				}
				return 0, c.errno
			}
			o := f.options()
			o.ReadOnly = c.ro
			_, err := Open(c.ref, o)
			wantError(t, err, c.exit, c.code, c.text)
		})
	}
	_, err := Open("/sys/fs/bpf/none", newFake().options())
	if !errors.Is(err, ErrNotFound) || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v does not match ErrNotFound and fs.ErrNotExist", err)
	}
}

// A failure after a descriptor was opened closes it.
func TestNothingLeaks(t *testing.T) {
	f := newFake()
	if err := f.create(t, hashOf32).Pin("/sys/fs/bpf/h"); err != nil {
		t.Fatal(err)
	}
	f.create(t, Definition{Type: ebpf.ProgramArray, MaxEntries: 1})
	before := len(f.Open())
	for _, errno := range []unix.Errno{unix.EPERM, unix.EINVAL} {
		f.answer = func(a sys.Attr) (int, error) {
			if _, ok := a.(*sys.ObjInfo); ok {
				return 0, errno
			}
			return 0, nil
		}
		if _, err := Open("/sys/fs/bpf/h", f.options()); !errors.Is(err, errno) {
			t.Errorf("got %v, want %v", err, errno)
		}
		if _, err := Create(hashOf32, f.options()); !errors.Is(err, errno) {
			t.Errorf("got %v, want %v", err, errno)
		}
	}
	f.answer = nil
	noCPUs := f.options()
	noCPUs.cpus = func() (int, error) { return 0, errors.New("no /sys") }
	if _, err := Create(Definition{Type: ebpf.PerCPUArray, ValueSize: 4, MaxEntries: 1}, noCPUs); err == nil {
		t.Error("no error where the number of CPUs is not known")
	}
	if _, err := Create(Definition{Type: ebpf.CPUMap}, noCPUs); err == nil {
		t.Error("no error where the number of CPUs is not known")
	}
	if n := len(f.Open()); n != before {
		t.Errorf("%d descriptors are open, want %d", n, before)
	}
}

func TestPin(t *testing.T) {
	f := newFake()
	m := f.create(t, hashOf32)
	if err := m.Pin("/sys/fs/bpf/h"); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		path string
		exit int
		code string
		text string
	}{
		"there already": {"/sys/fs/bpf/h", 73, "pin-exists", "/sys/fs/bpf/h already exists"},
		"no bpffs":      {"/tmp/h", 6, "bpffs-not-mounted", "is not on a bpffs"},
		"dot":           {"/sys/fs/bpf/a.b", 6, "pin-name", `/sys/fs/bpf/a.b has a dot in the name "a.b"`},
		"no directory":  {"/sys/fs/bpf/none/h", 6, "bpffs", "pinning it at /sys/fs/bpf/none/h"},
	} {
		t.Run(name, func(t *testing.T) { wantError(t, m.Pin(c.path), c.exit, c.code, c.text) })
	}
	f.answer = func(sys.Attr) (int, error) { return 0, unix.EPERM }
	wantError(t, m.Pin("/sys/fs/bpf/i"), 4, "capability", "pinning it")
}

func TestCreate(t *testing.T) {
	for name, c := range map[string]struct {
		d    Definition
		want string // as systest tells it
	}{
		"hash":   {hashOf32, "h hash key=4 value=4 entries=64"},
		"array":  {Definition{Type: ebpf.Array, ValueSize: 8, MaxEntries: 2}, " array key=4 value=8 entries=2"},
		"trie":   {Definition{Type: ebpf.LPMTrie, KeySize: 8, ValueSize: 1, MaxEntries: 2}, " lpmtrie key=8 value=1 entries=2 flags=0x1"},
		"ring":   {Definition{Type: ebpf.RingBuf, MaxEntries: 1 << 16}, " ringbuf key=0 value=0 entries=65536"},
		"perf":   {Definition{Type: ebpf.PerfEventArray}, " perfeventarray key=4 value=4 entries=3"},
		"cpumap": {Definition{Type: ebpf.CPUMap, ValueSize: 8}, " cpumap key=4 value=8 entries=3"},
		"bloom":  {Definition{Type: ebpf.BloomFilter, ValueSize: 4, MaxEntries: 2, Extra: 3}, " bloomfilter key=0 value=4 entries=2 extra=0x3"},
		"arena":  {Definition{Type: ebpf.Arena, MaxEntries: 2}, " arena key=0 value=0 entries=2 flags=0x400"},
		"socket": {Definition{Type: ebpf.SockMap, MaxEntries: 2, NUMANode: 1, Flags: 4}, " sockmap key=4 value=4 entries=2 flags=0x4 numa=0x1"},
		"names":  {Definition{Name: "what-a/long.name for it", Type: ebpf.Hash, KeySize: 1, ValueSize: 1, MaxEntries: 1}, "what_a_long.nam hash key=1 value=1 entries=1"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake()
			f.create(t, c.d)
			if diff := cmp.Diff([]string{"MAP_CREATE " + c.want}, f.Log("MAP_CREATE")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCreateErrors(t *testing.T) {
	for name, c := range map[string]struct {
		d     Definition
		errno unix.Errno
		caps  bool
		exit  int
		text  string
	}{
		"no key size":     {d: Definition{Type: ebpf.Hash, ValueSize: 4, MaxEntries: 1}, exit: 2, text: "type hash wants the size of its keys"},
		"no value size":   {d: Definition{Type: ebpf.Array, MaxEntries: 1}, exit: 2, text: "type array wants the size of its values"},
		"wrong key size":  {d: Definition{Type: ebpf.Array, KeySize: 8, ValueSize: 4, MaxEntries: 1}, exit: 2, text: "a key of 8 bytes: those of type array take 4"},
		"key of a queue":  {d: Definition{Type: ebpf.Queue, KeySize: 4, ValueSize: 4, MaxEntries: 1}, exit: 2, text: "those of type queue take 0"},
		"no entries":      {d: Definition{Type: ebpf.Hash, KeySize: 4, ValueSize: 4}, exit: 2, text: "type hash wants a number of entries"},
		"storage entries": {d: Definition{Type: ebpf.SkStorage, ValueSize: 4, MaxEntries: 1}, exit: 2, text: "type sk_storage has no max_entries"},
		"ring size":       {d: Definition{Type: ebpf.RingBuf, MaxEntries: 5000}, exit: 2, text: "want a power of two of pages"},
		"no inner":        {d: Definition{Type: ebpf.HashOfMaps, KeySize: 4, MaxEntries: 1}, exit: 2, text: "wants an example"},
		"inner":           {d: Definition{Type: ebpf.Hash, KeySize: 4, ValueSize: 4, MaxEntries: 1, Inner: "id:1"}, exit: 2, text: "type hash holds no maps"},
		"inner missing":   {d: Definition{Type: ebpf.ArrayOfMaps, MaxEntries: 1, Inner: "/sys/fs/bpf/none"}, exit: 66, text: "nothing is pinned"},
		"permission":      {d: hashOf32, errno: unix.EPERM, exit: 4, text: `map "h": creating a map of type hash`},
		"memory":          {d: hashOf32, errno: unix.ENOMEM, exit: 75, text: "memory"},
		"too big":         {d: hashOf32, errno: unix.E2BIG, exit: 71, text: "creating"},
		"storage":         {d: Definition{Type: ebpf.TaskStorage, ValueSize: 4}, errno: unix.EINVAL, exit: 71, text: "task_storage"},
		"trie key":        {d: Definition{Type: ebpf.LPMTrie, KeySize: 4, ValueSize: 4, MaxEntries: 1}, errno: unix.EINVAL, exit: 71, text: "key_size is 4"},
		"other":           {d: hashOf32, errno: unix.EINVAL, exit: 71, text: "invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake()
			f.Caps = 0
			f.RejectMap = func(*sys.MapCreate) unix.Errno { return c.errno }
			_, err := Create(c.d, f.options())
			var e *loader.Error
			if !errors.As(err, &e) || e.ExitCode() != c.exit || !strings.Contains(err.Error(), c.text) {
				t.Errorf("got %v, want exit %d and %q", err, c.exit, c.text)
			}
			if c.errno != 0 && name != "trie key" && e.Advice == "" {
				t.Error("no advice")
			}
			if n := len(f.Open()); n != 0 {
				t.Errorf("%d descriptors are open", n)
			}
		})
	}
}

// Before Linux 5.11 maps are charged to the limit on locked memory.
func TestCreateRaisesMemlock(t *testing.T) {
	for name, c := range map[string]struct {
		d     Definition
		errno unix.Errno
	}{
		"hash":   {hashOf32, unix.EPERM},
		"devmap": {Definition{Type: ebpf.DevMap, MaxEntries: 4}, unix.EINVAL},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake()
			n := 0
			f.RejectMap = func(*sys.MapCreate) unix.Errno {
				if n++; n == 1 {
					return c.errno
				}
				return 0
			}
			f.create(t, c.d)
			if len(f.Log("raise memlock")) != 1 {
				t.Error("the limit was not raised")
			}
		})
	}
}

func TestParseCreateFlags(t *testing.T) {
	for text, want := range map[string]uint32{"0": 0, "0x81": 0x81, "no_prealloc": 1, "BPF_F_RDONLY_PROG, mmapable": 0x480, "rb_overwrite": 1 << 19} {
		if got, err := ParseCreateFlags(text); got != want || err != nil {
			t.Errorf("%q: got %#x, %v; want %#x", text, got, err, want)
		}
	}
	for _, text := range []string{"", "fast", "no_prealloc,", "4294967296"} {
		if _, err := ParseCreateFlags(text); err == nil || !strings.Contains(err.Error(), "want a number or some of no_prealloc, no_common_lru") {
			t.Errorf("%q: got %v", text, err)
		}
	}
}

func TestReadFDInfo(t *testing.T) {
	if got := readFDInfo(-1); got != "" {
		t.Errorf("got %q for no descriptor", got)
	}
	if got := fdinfoField(readFDInfo(0), "flags"); got == "" {
		t.Error("nothing about descriptor 0")
	}
	for text, want := range map[string]string{"map_type:\t1\n": "map", "link_type:\txdp\n": "link", "btf_id:\t1\n": "BTF blob", "pos:\t0\n": ""} {
		if got := kindOf(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
