// SPDX-License-Identifier: MIT

package mapops

import (
	"bytes"
	"fmt"
	"os"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/google/go-cmp/cmp"

	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/internal/kerneltest"
	"github.com/bpfload/bpfload/internal/sys"
	"github.com/bpfload/bpfload/rawbtf"
)

// Types are those that the maps of these tests are made of, in the kernel's BTF.
type types struct {
	signed, flow, action rawbtf.ID
	fd                   int
}

func loadTypes(t *testing.T) types {
	t.Helper()
	kerneltest.Root(t, "loading BTF")
	var b elftest.BTF
	word := b.Int("unsigned int", 4, 0)
	address := b.Typedef("__be32", word)
	ids := types{
		signed: b.Int("int", 4, 1),
		flow:   b.Struct("flow", 8, elftest.Member{Name: "addr", Type: address}, elftest.Member{Name: "port", Type: word, Bits: 32}),
		action: b.Enum("action", 4, false, elftest.Enumerator{Name: "PASS", Value: 0}, elftest.Enumerator{Name: "DROP", Value: 1}),
	}
	raw := b.Bytes(u32(1)[0] != 1)
	k := sys.Host{}
	fd, err := k.BPF(&sys.BTFLoad{BTF: sys.Bytes(raw), BTFSize: uint32(len(raw))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.Close(fd) })
	ids.fd = fd
	return ids
}

// create makes a map with types and opens it as if it had been found.
func (ids types) create(t *testing.T, a sys.MapCreate) *Map {
	t.Helper()
	a.BTFFD = uint32(ids.fd)
	fd, err := sys.Host{}.BPF(&a)
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

// Keys and values have types where the map has BTF.
func TestKernelTyped(t *testing.T) {
	ids := loadTypes(t)
	m := ids.create(t, sys.MapCreate{MapType: uint32(ebpf.Hash), KeySize: 8, ValueSize: 4, MaxEntries: 4, BTFKeyTypeID: uint32(ids.flow), BTFValueTypeID: uint32(ids.action)})
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
}

// Storage is found through descriptors.
func TestKernelTypedStorage(t *testing.T) {
	kerneltest.Need(t, "5.11", "storage in tasks")
	ids := loadTypes(t)
	task := ids.create(t, sys.MapCreate{MapType: uint32(ebpf.TaskStorage), KeySize: 4, ValueSize: 4, MapFlags: 1, BTFKeyTypeID: uint32(ids.signed), BTFValueTypeID: uint32(ids.action)})
	value, err := task.ParseValue("DROP")
	if err != nil {
		t.Fatal(err)
	}
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
