// SPDX-License-Identifier: MIT

package mapops

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/sys"
	"github.com/bpfload/bpfload/internal/sys/systest"
)

// fakeCPUs is the number of possible CPUs that tests see.
const fakeCPUs = 3

// fake is a kernel whose maps have elements: systest keeps the objects, this adds
// what commands on elements do, batches and walks included.
type fake struct {
	*systest.Kernel

	batches bool                        // whether it has them
	before  func(sys.Attr)              // called before every command
	answer  func(sys.Attr) (int, error) // an error instead, and for batches the count to leave
	elems   map[uint32]*table           // by map id
	btf     []byte                      // of id 77
	info    string                      // fdinfo of every descriptor
	n       int                         // commands on elements so far
}

// table holds elements in order: of a hash by bucket, of a queue by age.
type table struct {
	keys, values [][]byte
	index        map[string]int // of keys; nil after one was dropped
}

func (t *table) find(key []byte) int {
	if t.index == nil || len(t.index) != len(t.keys) {
		t.index = make(map[string]int, len(t.keys))
		for i, k := range t.keys {
			t.index[string(k)] = i
		}
	}
	if i, ok := t.index[string(key)]; ok {
		return i
	}
	return -1
}

func newFake() *fake {
	return &fake{Kernel: systest.New(), batches: true, elems: map[uint32]*table{}}
}

func (f *fake) options() *Options {
	return &Options{kernel: f, cpus: func() (int, error) { return fakeCPUs, nil }, fdinfo: func(int) string { return f.info }}
}

// create makes a map that is closed with the test.
func (f *fake) create(t testing.TB, d Definition) *Map {
	t.Helper()
	m, err := Create(d, f.options())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

func (f *fake) BPF(attr sys.Attr) (int, error) {
	if f.before != nil {
		f.before(attr)
	}
	if f.answer != nil {
		if count, err := f.answer(attr); err != nil {
			if b := batchOf(attr); b != nil && count >= 0 {
				b.Count = uint32(count)
			}
			return -1, err
		}
	}
	if errno, ok := f.element(attr); ok {
		f.n++
		if errno != 0 {
			return -1, errno
		}
		return 0, nil
	}
	switch a := attr.(type) {
	case *sys.BTFByID:
		if a.ID.ID == 77 && f.btf != nil {
			return f.Kernel.BPF(&sys.BTFLoad{BTF: sys.Bytes(f.btf), BTFSize: uint32(len(f.btf))})
		}
		return -1, unix.EPERM
	case *sys.MapByID, *sys.ProgByID:
		return -1, unix.ENOENT
	case *sys.ObjInfo:
		o := f.Object(int(a.FD))
		if o != nil && o.Kind == "btf" {
			info := sys.As[sys.BTFInfo](a.Info)
			copy(info.BTF.Peek(int(info.BTFSize)), o.BTF)
			info.BTFSize = uint32(len(o.BTF))
			return 0, nil
		}
		n, err := f.Kernel.BPF(attr)
		if err == nil && o.Kind == "map" && (o.Map.BTFKeyTypeID != 0 || o.Map.BTFValueTypeID != 0) {
			sys.As[sys.MapInfo](a.Info).BTFID = 77
		}
		return n, err
	}
	return f.Kernel.BPF(attr)
}

func batchOf(attr sys.Attr) *sys.Batch {
	switch a := attr.(type) {
	case *sys.MapLookupBatch:
		return &a.Batch
	case *sys.MapLookupAndDeleteBatch:
		return &a.Batch
	case *sys.MapUpdateBatch:
		return &a.Batch
	case *sys.MapDeleteBatch:
		return &a.Batch
	}
	return nil
}

func (f *fake) element(attr sys.Attr) (unix.Errno, bool) {
	switch a := attr.(type) {
	case *sys.MapLookup:
		return f.lookup(&a.Elem, false), true
	case *sys.MapLookupAndDelete:
		return f.lookup(&a.Elem, true), true
	case *sys.MapUpdate:
		return f.update(a.MapFD, a.Key, a.Value, a.Flags), true
	case *sys.MapDelete:
		return f.remove(a.MapFD, a.Key), true
	case *sys.MapNextKey:
		return f.next(&a.Elem), true
	case *sys.MapLookupBatch:
		return f.lookupBatch(&a.Batch, false), true
	case *sys.MapLookupAndDeleteBatch:
		return f.lookupBatch(&a.Batch, true), true
	case *sys.MapUpdateBatch:
		return f.each(&a.Batch, func(k, v sys.Pointer) unix.Errno { return f.update(a.MapFD, k, v, a.ElemFlags) }), true
	case *sys.MapDeleteBatch:
		return f.each(&a.Batch, func(k, _ sys.Pointer) unix.Errno { return f.remove(a.MapFD, k) }), true
	}
	return 0, false
}

// shape is what the fake knows of a map.
type shape struct {
	*table
	o                  *systest.Object
	typ                ebpf.MapType
	keySize, valueSize int
}

func (f *fake) shape(fd uint32) *shape {
	o := f.Object(int(fd))
	if o == nil || o.Kind != "map" {
		return nil
	}
	t := f.elems[o.ID]
	if t == nil {
		t = &table{}
		f.elems[o.ID] = t
	}
	s := &shape{table: t, o: o, typ: ebpf.MapType(o.Map.MapType), keySize: int(o.Map.KeySize), valueSize: int(o.Map.ValueSize)}
	if traitsOf(s.typ).perCPU {
		s.valueSize = (s.valueSize + 7) &^ 7 * fakeCPUs
	}
	if s.typ == ebpf.Array || s.typ == ebpf.PerCPUArray {
		for len(t.keys) < int(o.Map.MaxEntries) {
			t.keys = append(t.keys, binary.NativeEndian.AppendUint32(nil, uint32(len(t.keys))))
			t.values = append(t.values, make([]byte, s.valueSize))
		}
	}
	return s
}

func (f *fake) lookup(a *sys.Elem, take bool) unix.Errno {
	s := f.shape(a.MapFD)
	if s == nil {
		return unix.EBADF
	}
	value := a.Value.Peek(s.valueSize)
	i := 0
	switch s.typ {
	case ebpf.BloomFilter:
		if take {
			return enotsupp
		}
		if !slices.ContainsFunc(s.values, func(v []byte) bool { return bytes.Equal(v, value) }) {
			return unix.ENOENT
		}
		return 0
	case ebpf.RingBuf:
		return enotsupp
	case ebpf.Queue:
	case ebpf.Stack:
		i = len(s.values) - 1
	default:
		i = s.find(a.Key.Peek(s.keySize))
	}
	if i < 0 || i >= len(s.values) {
		return unix.ENOENT
	}
	copy(value, s.values[i])
	if take {
		if traitsOf(s.typ).array {
			return enotsupp
		}
		s.drop(i)
	}
	return 0
}

func (t *table) drop(i int) {
	t.index = nil
	if len(t.keys) > i {
		t.keys = slices.Delete(t.keys, i, i+1)
	}
	t.values = slices.Delete(t.values, i, i+1)
}

func (f *fake) update(fd uint32, k, v sys.Pointer, flags uint64) unix.Errno {
	s := f.shape(fd)
	if s == nil {
		return unix.EBADF
	}
	if s.o.Frozen {
		return unix.EPERM
	}
	if flags > 7 || flags&uint64(Lock) != 0 {
		return unix.EINVAL
	}
	value := bytes.Clone(v.Peek(s.valueSize))
	full := len(s.values) >= int(s.o.Map.MaxEntries)
	if traitsOf(s.typ).keyless {
		if full && flags != uint64(Exist) {
			return unix.E2BIG
		}
		if full {
			s.drop(0)
		}
		s.values = append(s.values, value)
		return 0
	}
	key := bytes.Clone(k.Peek(s.keySize))
	i := s.find(key)
	switch {
	case i >= 0 && flags == uint64(NoExist):
		return unix.EEXIST
	case i >= 0:
		s.values[i] = value
	case flags == uint64(Exist):
		return unix.ENOENT
	case full:
		return unix.E2BIG
	default:
		s.index[string(key)] = len(s.keys)
		s.keys, s.values = append(s.keys, key), append(s.values, value)
	}
	return 0
}

func (f *fake) remove(fd uint32, k sys.Pointer) unix.Errno {
	s := f.shape(fd)
	switch {
	case s == nil:
		return unix.EBADF
	case s.o.Frozen:
		return unix.EPERM
	case traitsOf(s.typ).array:
		return unix.EINVAL
	}
	i := s.find(k.Peek(s.keySize))
	if i < 0 {
		return unix.ENOENT
	}
	s.drop(i)
	return 0
}

// next begins anew after a key that is not there, as hashes do.
func (f *fake) next(a *sys.Elem) unix.Errno {
	s := f.shape(a.MapFD)
	if s == nil {
		return unix.EBADF
	}
	i := 0
	if !a.Key.IsNil() {
		i = s.find(a.Key.Peek(s.keySize)) + 1
	}
	if i >= len(s.keys) {
		return unix.ENOENT
	}
	copy(a.Value.Peek(s.keySize), s.keys[i])
	return 0
}

func (f *fake) each(b *sys.Batch, do func(k, v sys.Pointer) unix.Errno) unix.Errno {
	s := f.shape(b.MapFD)
	if s == nil {
		return unix.EBADF
	}
	switch {
	case !f.batches:
		return enotsupp
	case b.ElemFlags&^uint64(Lock) != 0:
		return unix.EINVAL
	case s.o.Frozen:
		return unix.EPERM
	}
	n := int(b.Count)
	keys, values := b.Keys.Peek(n*s.keySize), b.Values.Peek(n*s.valueSize)
	for i := range n {
		b.Count = uint32(i)
		var v []byte
		if len(values) > 0 {
			v = values[i*s.valueSize:]
		}
		if errno := do(sys.Bytes(keys[i*s.keySize:]), sys.Bytes(v)); errno != 0 {
			return errno
		}
	}
	b.Count = uint32(n)
	return 0
}

// bucket is the number of elements that the fake's hashes give as a whole.
const bucket = 4

func (f *fake) lookupBatch(b *sys.Batch, take bool) unix.Errno {
	s := f.shape(b.MapFD)
	switch {
	case s == nil:
		return unix.EBADF
	case !f.batches:
		return enotsupp
	}
	at := 0
	if !b.InBatch.IsNil() {
		at = int(binary.NativeEndian.Uint32(b.InBatch.Peek(4)))
	}
	room := int(b.Count)
	b.Count = 0
	n := 0
	keys, values := b.Keys.Peek(room*s.keySize), b.Values.Peek(room*s.valueSize)
	end := at
	for end < len(s.keys) {
		chunk := min(bucket, len(s.keys)-end)
		if n+chunk > room {
			break
		}
		for range chunk {
			copy(keys[n*s.keySize:], s.keys[end])
			copy(values[n*s.valueSize:], s.values[end])
			n++
			end++
		}
	}
	if n == 0 && end < len(s.keys) {
		return unix.ENOSPC
	}
	last := end >= len(s.keys)
	if take {
		s.keys, s.values, s.index = slices.Delete(s.keys, at, end), slices.Delete(s.values, at, end), nil
		end = at
	}
	b.Count = uint32(n)
	binary.NativeEndian.PutUint32(b.OutBatch.Peek(4), uint32(end))
	if last {
		return unix.ENOENT
	}
	return 0
}
