// SPDX-License-Identifier: MIT

package mapops

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/internal/sys"
	"github.com/bpfload/bpfload/loader"
)

// pins returns a bpffs that lasts as long as the test.
func pins(t testing.TB) string {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("maps take root")
	}
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
	if os.Geteuid() != 0 {
		t.Skip("maps take root")
	}
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
	for name, d := range map[string]Definition{
		"ringbuf":          {Type: ebpf.RingBuf, MaxEntries: uint32(16 * os.Getpagesize())},
		"perf_event_array": {Type: ebpf.PerfEventArray},
		"bloom_filter":     {Type: ebpf.BloomFilter, ValueSize: 4, MaxEntries: 4},
		"stack_trace":      {Type: ebpf.StackTrace, ValueSize: 64, MaxEntries: 4},
	} {
		t.Run(name, func(t *testing.T) {
			m := real(t, d)
			for _, err := range m.All(t.Context()) {
				if err == nil {
					t.Error("an element out of nothing")
				}
			}
		})
	}
}

func TestKernelBloomFilter(t *testing.T) {
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

// The running kernel says of refused operations what the tests over the fake take
// it to say.
func TestKernelErrors(t *testing.T) {
	dir := pins(t)
	hash := real(t, Definition{Name: "h", Type: ebpf.Hash, KeySize: 4, ValueSize: 4, MaxEntries: 2})
	array := real(t, Definition{Name: "a", Type: ebpf.Array, ValueSize: 4, MaxEntries: 2})
	queue := real(t, Definition{Name: "q", Type: ebpf.Queue, ValueSize: 4, MaxEntries: 1})
	slots := real(t, Definition{Name: "s", Type: ebpf.ProgramArray, MaxEntries: 2})
	value := u32(1)
	_, err := hash.Lookup(u32(1), Any)
	wantError(t, err, 1, "key-missing", "no such key")
	wantError(t, hash.Update(u32(1), value, Exist), 1, "key-missing", "no such key")
	fill(t, hash, 2)
	wantError(t, hash.Update(u32(1), value, NoExist), 1, "key-exists", "there already")
	wantError(t, hash.Update(u32(2), value, Any), 71, "map-full", "max_entries is 2")
	wantError(t, hash.Update(u32(1), value, Lock), 71, "no-spin-lock", "spin")
	wantError(t, array.Update(u32(2), value, Any), 71, "key-out-of-range", "0 to 1")
	_, err = array.Lookup(u32(2), Any)
	wantError(t, err, 1, "key-missing", "out of range")
	wantError(t, array.Update(u32(0), value, NoExist), 1, "key-exists", "there already")
	wantError(t, array.Delete(u32(0)), 71, "not-supported", "always there")
	_, err = array.Pop(u32(0), Any)
	wantError(t, err, 71, "not-supported", "cannot be taken")
	if err := queue.Update(nil, value, Any); err != nil {
		t.Fatal(err)
	}
	wantError(t, queue.Update(nil, value, Any), 71, "map-full", "it is full")
	wantError(t, queue.Update(nil, value, NoExist), 71, "not-supported", "this queue does not take these flags")
	trie := real(t, Definition{Name: "t", Type: ebpf.LPMTrie, KeySize: 8, ValueSize: 4, MaxEntries: 2})
	wantError(t, trie.Update(append(u32(33), u32(0)...), value, Any), 2, "map-key", "a prefix of 33 bits in a key of 32")
	_, err = slots.Lookup(u32(1), Any)
	wantError(t, err, 1, "key-missing", "slot is empty")
	xdp := program(t, dir, "xdp", ebpf.XDP, 0)
	socket := program(t, dir, "socket", ebpf.SocketFilter, 0)
	for i, p := range []string{xdp, socket} {
		value, err := slots.ParseValue(p)
		if err != nil {
			t.Fatal(err)
		}
		err = slots.Update(u32(i), value, Any)
		if i == 0 && err != nil {
			t.Fatal(err)
		}
		if i == 1 {
			wantError(t, err, 71, "value-refused", "programs of a prog_array")
		}
	}
	wantError(t, slots.Update(u32(0), value, Exist), 71, "not-supported", "written without flags")
	if err := slots.Pin(dir + "/slots"); err != nil {
		t.Fatal(err)
	}
	if _, err := slots.ParseValue(dir + "/slots"); err == nil {
		t.Error("a map was taken for a program")
	}
	_, err = Open(xdp, nil)
	wantError(t, err, 66, "not-a-map", "is a program, not a map")
	_, err = Open(xdp, &Options{ReadOnly: true})
	var notMap *loader.Error
	if !errors.As(err, &notMap) || notMap.ExitCode() != 66 {
		t.Errorf("got %v, want an error with exit code 66", err)
	}
	_, err = Open(dir, nil)
	wantError(t, err, 66, "not-a-map", "is a directory")
	if err := hash.Freeze(); err != nil {
		t.Fatal(err)
	}
	wantError(t, hash.Update(u32(1), value, Any), 71, "map-frozen", "it is frozen")
	if !hash.Frozen() || array.Frozen() {
		t.Errorf("frozen: hash %v, array %v", hash.Frozen(), array.Frozen())
	}
}

func TestKernelReadOnly(t *testing.T) {
	dir := pins(t)
	m := real(t, hashOf32)
	fill(t, m, 3)
	if err := m.Pin(dir + "/h"); err != nil {
		t.Fatal(err)
	}
	ro, err := Open(dir+"/h", &Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer ro.Close()
	if keys, err := walk(t, ro); len(keys) != 3 || err != nil {
		t.Errorf("got %v, %v", keys, err)
	}
	if err := ro.Update(u32(1), u32(1), Any); !errors.Is(err, unix.EPERM) {
		t.Errorf("got %v, want EPERM", err)
	}
	byID, err := Open(fmt.Sprintf("id:%d", m.ID), nil)
	if err != nil {
		t.Fatal(err)
	}
	byID.Close()
}

func TestKernelBatches(t *testing.T) {
	for _, typ := range []ebpf.MapType{ebpf.Hash, ebpf.LRUHash, ebpf.Array, ebpf.LPMTrie, ebpf.PerCPUHash, ebpf.PerCPUArray} {
		for _, noBatch := range []bool{false, true} {
			t.Run(fmt.Sprintf("%v %v", typ, noBatch), func(t *testing.T) {
				const n = 3 * perBatch
				d := Definition{Type: typ, KeySize: 4, ValueSize: 4, MaxEntries: 2 * n}
				switch typ {
				case ebpf.LPMTrie:
					d.KeySize = 8
				case ebpf.Array, ebpf.PerCPUArray:
					d.MaxEntries = n
				}
				m := real(t, d)
				m.noBatch = noBatch
				var keys, values []byte
				for i := range n {
					if typ == ebpf.LPMTrie {
						keys = append(keys, u32(32)...)
					}
					keys = append(keys, u32(i)...)
					value := make([]byte, m.ValueLen())
					copy(m.cpuValue(value, 0), u32(10*i))
					values = append(values, value...)
				}
				if done, err := m.UpdateBatch(t.Context(), keys, values, Any); done != n || err != nil {
					t.Fatalf("wrote %d, %v", done, err)
				}
				seen := make([]bool, n)
				for e, err := range m.All(t.Context()) {
					if err != nil {
						t.Fatal(err)
					}
					k := int(binary.NativeEndian.Uint32(e.Key[len(e.Key)-4:]))
					if seen[k] || int(binary.NativeEndian.Uint32(m.cpuValue(e.Value, 0))) != 10*k {
						t.Fatalf("key %d: seen before %v, value %x", k, seen[k], e.Value)
					}
					seen[k] = true
				}
				for k, ok := range seen {
					if !ok {
						t.Fatalf("key %d was not reported", k)
					}
				}
				if m.traits.array {
					return
				}
				half := len(keys) / 2
				if done, err := m.DeleteBatch(t.Context(), keys[:half]); done != n/2 || err != nil {
					t.Errorf("deleted %d, %v", done, err)
				}
				done, err := m.DeleteBatch(t.Context(), keys[half-int(m.KeySize):])
				if done != 0 || !errors.Is(err, ErrNotFound) {
					t.Errorf("deleted %d, %v; want 0 and ErrNotFound", done, err)
				}
				if !m.traits.hash {
					return
				}
				taken, err := m.Drain(t.Context(), 0, func(Entry) error { return nil })
				if taken != n/2 || err != nil {
					t.Errorf("took %d, %v; want %d", taken, err, n/2)
				}
			})
		}
	}
}

// While others insert and delete, keys that stay are reported exactly once.
func TestKernelWalkUnderChange(t *testing.T) {
	for _, noBatch := range []bool{false, true} {
		t.Run(fmt.Sprintf("without batches %v", noBatch), func(t *testing.T) {
			const stay, churn = 2000, 500
			m := real(t, Definition{Type: ebpf.Hash, KeySize: 4, ValueSize: 4, MaxEntries: 8192})
			m.noBatch = noBatch
			fill(t, m, stay)
			other, err := Open(fmt.Sprintf("id:%d", m.ID), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer other.Close()
			stop := make(chan struct{})
			var wg sync.WaitGroup
			changes := 0
			wg.Go(func() {
				for i := 0; ; i++ {
					select {
					case <-stop:
						return
					default:
					}
					key := u32(stay + i%churn)
					if err := other.Update(key, u32(10*(stay+i%churn)), Any); err != nil {
						t.Error(err)
						return
					}
					if err := other.Delete(u32(stay + (i+churn/2)%churn)); err != nil && !errors.Is(err, ErrNotFound) {
						t.Error(err)
						return
					}
					changes++
				}
			})
			for range 20 {
				seen := make([]bool, stay+churn)
				n := 0
				keys, err := walk(t, m)
				if err != nil {
					t.Error(err)
					break
				}
				for _, k := range keys {
					if seen[k] {
						t.Errorf("key %d is reported twice", k)
					}
					seen[k] = true
					if k < stay {
						n++
					}
				}
				if n != stay {
					t.Errorf("%d of %d keys that stay were reported", n, stay)
				}
			}
			close(stop)
			wg.Wait()
			if changes < 100 {
				t.Errorf("only %d changes: the test tests nothing", changes)
			}
		})
	}
}

// Keys and values have types where the map has BTF; storage is found through
// descriptors.
func TestKernelTyped(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("maps take root")
	}
	var b elftest.BTF
	word := b.Int("unsigned int", 4, 0)
	signed := b.Int("int", 4, 1)
	address := b.Typedef("__be32", word)
	key := b.Struct("flow", 8, elftest.Member{Name: "addr", Type: address}, elftest.Member{Name: "port", Type: word, Bits: 32})
	action := b.Enum("action", 4, false, elftest.Enumerator{Name: "PASS", Value: 0}, elftest.Enumerator{Name: "DROP", Value: 1})
	k := sys.Host{}
	raw := b.Bytes(u32(1)[0] != 1)
	btf, err := k.BPF(&sys.BTFLoad{BTF: sys.Bytes(raw), BTFSize: uint32(len(raw))})
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close(btf)
	open := func(a sys.MapCreate) *Map {
		a.BTFFD = uint32(btf)
		fd, err := k.BPF(&a)
		if err != nil {
			t.Fatal(err)
		}
		opts := (*Options)(nil).withDefaults()
		m, err := newMap(fd, &opts)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { m.Close() })
		return m
	}
	m := open(sys.MapCreate{MapType: uint32(ebpf.Hash), KeySize: 8, ValueSize: 4, MaxEntries: 4, BTFKeyTypeID: uint32(key), BTFValueTypeID: uint32(action)})
	value, err := m.ParseValue("DROP")
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Update(mustKey(t, m, `{"addr":"10.0.0.1","port":443}`), value, NoExist); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if n, err := m.Export(t.Context(), &out, nil); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	_, line, _ := bytes.Cut(out.Bytes(), []byte("\n"))
	if diff := cmp.Diff(`{"key":{"addr":"10.0.0.1","port":443},"value":"DROP"}`+"\n", string(line)); diff != "" {
		t.Error(diff)
	}
	task := open(sys.MapCreate{MapType: uint32(ebpf.TaskStorage), KeySize: 4, ValueSize: 4, MapFlags: 1, BTFKeyTypeID: uint32(signed), BTFValueTypeID: uint32(action)})
	self := mustKey(t, task, fmt.Sprintf("pid:%d", os.Getpid()))
	if err := task.Update(self, value, Any); err != nil {
		t.Fatal(err)
	}
	got, err := task.Lookup(self, Any)
	if err != nil {
		t.Fatal(err)
	}
	if text, err := task.FormatValue(nil, got); string(text) != `"DROP"` || err != nil {
		t.Errorf("got %s, %v", text, err)
	}
	if err := task.Delete(self); err != nil {
		t.Error(err)
	}
	_, err = task.Next(nil)
	wantError(t, err, 71, "not-supported", "cannot be listed")
}
