// SPDX-License-Identifier: MIT

package mapops

import (
	"errors"
	"fmt"
	"testing"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/loader"
)

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
	wantError(t, hash.Update(u32(1), value, NoExist), 1, "key-exists", "already exists")
	wantError(t, hash.Update(u32(2), value, Any), 71, "map-full", "max_entries is 2")
	wantError(t, hash.Update(u32(1), value, Lock), 71, "no-spin-lock", "spin")
	wantError(t, array.Update(u32(2), value, Any), 71, "key-out-of-range", "0 to 1")
	_, err = array.Lookup(u32(2), Any)
	wantError(t, err, 1, "key-missing", "out of range")
	wantError(t, array.Update(u32(0), value, NoExist), 1, "key-exists", "already exists")
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
