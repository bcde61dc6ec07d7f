// SPDX-License-Identifier: MIT

package mapops

import (
	"bytes"
	"errors"
	"os"
	"testing"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/kerneltest"
	"github.com/bpfload/bpfload/internal/sys"
)

// pins returns a bpffs that lasts as long as the test.
func pins(t testing.TB) string {
	t.Helper()
	kerneltest.Root(t, "making maps")
	dir := t.TempDir()
	if err := unix.Mount("bpf", dir, "bpf", 0, "mode=0700"); err != nil {
		t.Fatal("mounting a bpffs: ", err)
	}
	t.Cleanup(func() { unix.Unmount(dir, unix.MNT_DETACH) })
	return dir
}

// real creates a map in the running kernel.
func real(t testing.TB, d Definition) *Map {
	t.Helper()
	kerneltest.Root(t, "making maps")
	m, err := Create(d, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

// program loads "return 2", pins it and returns the path.
func program(t testing.TB, dir, name string, typ ebpf.ProgramType, attach ebpf.AttachType) string {
	t.Helper()
	insns := []byte{0xb7, 0, 0, 0, 2, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0}
	if u32(1)[0] != 1 {
		insns = []byte{0xb7, 0, 0, 0, 0, 0, 0, 2, 0x95, 0, 0, 0, 0, 0, 0, 0}
	}
	k := sys.Host{}
	fd, err := k.BPF(&sys.ProgLoad{ProgType: uint32(typ), ExpectedAttachType: uint32(attach), Insns: sys.Bytes(insns), InsnCnt: 2, License: sys.CString("GPL")})
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close(fd)
	p := dir + "/" + name
	if _, err := k.BPF(&sys.ObjPin{Obj: sys.Obj{Pathname: sys.CString(p), BPFFD: uint32(fd)}}); err != nil {
		t.Fatal(err)
	}
	return p
}

// Every type of map that has elements takes one and gives it back.
func TestKernelEveryType(t *testing.T) {
	dir := pins(t)
	xdp := program(t, dir, "xdp", ebpf.XDP, 0)
	devmap := program(t, dir, "devmap", ebpf.XDP, ebpf.AttachXDPDevMap)
	cpumap := program(t, dir, "cpumap", ebpf.XDP, ebpf.AttachXDPCPUMap)
	if err := real(t, Definition{Name: "inner", Type: ebpf.Array, ValueSize: 4, MaxEntries: 1}).Pin(dir + "/inner"); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		d          Definition
		key, value string
		want       string // "" for a reference, whose id nobody knows
		delete     bool
		list       bool
	}{
		"hash":            {Definition{Type: ebpf.Hash, KeySize: 4, ValueSize: 8, MaxEntries: 4}, "1", "2", "2", true, true},
		"lru_hash":        {Definition{Type: ebpf.LRUHash, KeySize: 4, ValueSize: 8, MaxEntries: 4}, "1", "2", "2", true, true},
		"no_prealloc":     {Definition{Type: ebpf.Hash, KeySize: 4, ValueSize: 8, MaxEntries: 4, Flags: 1}, "1", "2", "2", true, true},
		"array":           {Definition{Type: ebpf.Array, ValueSize: 8, MaxEntries: 4}, "1", "2", "2", false, true},
		"mmapable":        {Definition{Type: ebpf.Array, ValueSize: 8, MaxEntries: 4, Flags: 1 << 10}, "1", "2", "2", false, true},
		"percpu_hash":     {Definition{Type: ebpf.PerCPUHash, KeySize: 4, ValueSize: 3, MaxEntries: 4}, "1", "hex:010203", "", true, true},
		"percpu_array":    {Definition{Type: ebpf.PerCPUArray, ValueSize: 8, MaxEntries: 4}, "1", "2", "", false, true},
		"lru_percpu_hash": {Definition{Type: ebpf.LRUCPUHash, KeySize: 4, ValueSize: 8, MaxEntries: 64}, "1", "2", "", true, true},
		"lpm_trie":        {Definition{Type: ebpf.LPMTrie, KeySize: 8, ValueSize: 1, MaxEntries: 4}, "10.0.0.0/8", "2", "2", true, true},
		"queue":           {Definition{Type: ebpf.Queue, ValueSize: 4, MaxEntries: 4}, "", "2", "2", false, false},
		"stack":           {Definition{Type: ebpf.Stack, ValueSize: 4, MaxEntries: 4}, "", "2", "2", false, false},
		"array_of_maps":   {Definition{Type: ebpf.ArrayOfMaps, MaxEntries: 4, Inner: dir + "/inner"}, "1", dir + "/inner", "", true, true},
		"hash_of_maps":    {Definition{Type: ebpf.HashOfMaps, KeySize: 8, MaxEntries: 4, Inner: dir + "/inner"}, "1", "pinned:" + dir + "/inner", "", true, true},
		"prog_array":      {Definition{Type: ebpf.ProgramArray, MaxEntries: 4}, "1", "pinned:" + xdp, "", true, true},
		"devmap":          {Definition{Type: ebpf.DevMap, MaxEntries: 4}, "1", "lo", `"lo"`, true, true},
		"devmap program":  {Definition{Type: ebpf.DevMap, ValueSize: 8, MaxEntries: 4}, "1", `{"ifindex":"lo","bpf_prog":"pinned:` + devmap + `"}`, "", true, true},
		"devmap_hash":     {Definition{Type: ebpf.DevMapHash, ValueSize: 8, MaxEntries: 4}, "7", "lo", `{"ifindex":"lo","bpf_prog":null}`, true, true},
		"cpumap":          {Definition{Type: ebpf.CPUMap, ValueSize: 8}, "0", `{"qsize":192,"bpf_prog":"pinned:` + cpumap + `"}`, "", true, true},
		"cpumap queue":    {Definition{Type: ebpf.CPUMap}, "0", "64", "64", true, true},
	} {
		t.Run(name, func(t *testing.T) {
			m := real(t, c.d)
			var key []byte
			if !m.Keyless() {
				key = mustKey(t, m, c.key)
			}
			value, err := m.ParseValue(c.value)
			if err != nil {
				t.Fatal(err)
			}
			if err := m.Update(key, value, Any); err != nil {
				t.Fatal(err)
			}
			got, err := m.Lookup(key, Any)
			if err != nil {
				t.Fatal(err)
			}
			text, err := m.FormatValue(nil, got)
			if err != nil || c.want != "" && string(text) != c.want {
				t.Errorf("got %s, %v; want %s", text, err, c.want)
			}
			if c.list {
				found := 0
				for e, err := range m.All(t.Context()) {
					if err != nil {
						t.Fatal(err)
					}
					if bytes.Equal(e.Key, key) {
						found++
						// What is read can be written again, programs by their ids.
						again, err := m.DecodeValue(text)
						if err != nil {
							t.Errorf("%s cannot be read back: %v", text, err)
						} else if err := m.Update(key, again, Any); err != nil {
							t.Errorf("%s cannot be written back: %v", text, err)
						}
						if !bytes.Equal(e.Value, got) {
							t.Errorf("the walk gives %x, a lookup %x", e.Value, got)
						}
					}
				}
				if found != 1 {
					t.Errorf("the key was found %d times", found)
				}
			}
			if c.delete {
				if err := m.Delete(key); err != nil {
					t.Error(err)
				}
				if _, err := m.Lookup(key, Any); !errors.Is(err, ErrNotFound) {
					t.Errorf("after deletion: %v", err)
				}
			}
		})
	}
}

func TestKernelElementless(t *testing.T) {
	for name, c := range map[string]struct {
		d     Definition
		since string
	}{
		"ringbuf":          {Definition{Type: ebpf.RingBuf, MaxEntries: uint32(16 * os.Getpagesize())}, "5.8"},
		"perf_event_array": {Definition{Type: ebpf.PerfEventArray}, "4.3"},
		"bloom_filter":     {Definition{Type: ebpf.BloomFilter, ValueSize: 4, MaxEntries: 4}, "5.16"},
		"stack_trace":      {Definition{Type: ebpf.StackTrace, ValueSize: 64, MaxEntries: 4}, "4.6"},
	} {
		t.Run(name, func(t *testing.T) {
			kerneltest.Need(t, c.since, name)
			m := real(t, c.d)
			for _, err := range m.All(t.Context()) {
				if err == nil {
					t.Error("an element out of nothing")
				}
			}
		})
	}
}

func TestKernelBloomFilter(t *testing.T) {
	kerneltest.Need(t, "5.16", "bloom_filter")
	m := real(t, Definition{Type: ebpf.BloomFilter, ValueSize: 4, MaxEntries: 100})
	if err := m.Update(nil, u32(5), Any); err != nil {
		t.Fatal(err)
	}
	for value, want := range map[int]bool{5: true, 6: false} {
		if got, err := m.Contains(u32(value)); got != want || err != nil {
			t.Errorf("contains %d: got %v, %v; want %v", value, got, err, want)
		}
	}
}
