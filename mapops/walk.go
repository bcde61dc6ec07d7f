// SPDX-License-Identifier: MIT

package mapops

import (
	"context"
	"errors"
	"iter"

	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/sys"
	"github.com/bpfload/bpfload/loader"
)

// An Entry is a key and its value, as the kernel has them. Key is empty where the
// map has no keys.
type Entry struct{ Key, Value []byte }

// All walks the elements. The bytes of an Entry are only good until the next one.
//
// While others change the map, every key that is there from the beginning to the
// end of the walk is reported exactly once, and none twice; one that comes or goes
// meanwhile is reported or not, and each value is of some moment of the walk. The
// kernel keeps that promise for arrays and, since Linux 5.6, for hashes. Elsewhere
// a walk begins anew when the key it stands at is deleted; there the keys already
// reported are remembered and passed over, and after so many restarts that the end
// is not in sight the error is [ErrChanging].
//
// Empty slots of prog_arrays and the like are passed over.
func (m *Map) All(ctx context.Context) iter.Seq2[Entry, error] {
	w := walker{m: m}
	return w.all(ctx)
}

// A walker goes once through a map.
type walker struct {
	m     *Map
	take  bool // delete what is read
	limit int  // of elements, or 0

	room         int // elements that keys and values have room for
	keys, values []byte
	seen         map[string]struct{}
	steps        uint64 // keys looked at, new or not
	done         int
}

func (w *walker) all(ctx context.Context) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		m := w.m
		if m.traits.unlisted {
			yield(Entry{}, m.fail(opWalk, enotsupp, nil, 0))
			return
		}
		if !m.traits.array && !(m.traits.hash && !m.noBatch) {
			w.seen = make(map[string]struct{})
		}
		err := w.batches(ctx, yield)
		if err == errNoBatch {
			if !m.traits.array {
				w.seen = make(map[string]struct{})
			}
			err = w.oneByOne(ctx, yield)
		}
		if err != nil && err != errStop {
			yield(Entry{}, err)
		}
	}
}

var (
	errNoBatch = errors.New("no batches for this map")
	errStop    = errors.New("stop")
)

func (w *walker) makeRoom(n int) {
	w.room = n
	w.keys = make([]byte, n*int(w.m.KeySize))
	w.values = make([]byte, n*w.m.ValueLen())
}

// report hands on an element unless it was handed on before.
func (w *walker) report(e Entry, yield func(Entry, error) bool) error {
	if err := w.step(); err != nil {
		return err
	}
	if w.seen != nil {
		if _, again := w.seen[string(e.Key)]; again {
			return nil
		}
		w.seen[string(e.Key)] = struct{}{}
	}
	if !yield(e, nil) {
		return errStop
	}
	if w.done++; w.done == w.limit {
		return errStop
	}
	return nil
}

// step counts the keys looked at, where a walk may begin anew. Twenty times
// through the map without reaching the end are enough.
func (w *walker) step() error {
	if w.seen == nil {
		return nil
	}
	const walks, unbounded = 20, 1 << 20
	n := uint64(w.m.MaxEntries) + 1
	if w.m.MaxEntries == 0 {
		n = unbounded
	}
	if w.steps++; w.steps <= walks*n {
		return nil
	}
	return w.m.changing()
}

func (m *Map) changing() error {
	return &loader.Error{Class: loader.ClassAgain, Code: "map-changing", Map: m.Name, Doing: doing[opWalk], Err: ErrChanging}
}

// batches walks with LOOKUP_BATCH; errNoBatch if the kernel has none for the map.
func (w *walker) batches(ctx context.Context, yield func(Entry, error) bool) error {
	m := w.m
	if m.noBatch || w.take && !m.traits.hash {
		return errNoBatch
	}
	const most = 1 << 22 // bytes
	w.makeRoom(max(1, min(perBatch, int(m.MaxEntries), most/(int(m.KeySize)+m.ValueLen()+1))))
	var from []byte
	to := m.position()
	for retries := 0; ; {
		if err := ctx.Err(); err != nil {
			return err
		}
		room := w.room
		if w.limit > 0 && w.take {
			room = min(room, w.limit-w.done)
		}
		count, err := w.batch(from, to, room)
		switch {
		case noBatch(err, count, room) && from == nil:
			m.noBatch = true
			return errNoBatch
		case err == unix.ENOSPC && room < w.room:
			// A bucket holds more than are wanted: they are taken singly.
			return errNoBatch
		case err == unix.ENOSPC:
			if err := w.noSpace(); err != nil {
				return err
			}
			continue
		case err == unix.EINTR, err == nil && count == 0:
			// Elements vanished under the kernel's hands, several in a row.
			if retries++; retries > 100 {
				return m.changing()
			}
			continue
		case err != nil && err != unix.ENOENT:
			return m.fail(opWalk, err, nil, 0)
		}
		k, v := int(m.KeySize), m.ValueLen()
		for i := range int(count) {
			if err := w.report(Entry{w.keys[i*k:][:k:k], w.values[i*v:][:v:v]}, yield); err != nil {
				return err
			}
		}
		if err == unix.ENOENT {
			return nil
		}
		if from == nil {
			from = m.position()
		}
		from, to = to, from
	}
}

// batch reads up to room elements and returns how many there were.
func (w *walker) batch(from, to []byte, room int) (count uint32, err error) {
	b := sys.Batch{
		InBatch: sys.Bytes(from), OutBatch: sys.Bytes(to), Keys: sys.Bytes(w.keys), Values: sys.Bytes(w.values),
		Count: uint32(room), MapFD: uint32(w.m.fd),
	}
	if w.take {
		a := sys.MapLookupAndDeleteBatch{Batch: b}
		_, err = w.m.k.BPF(&a)
		return a.Count, err
	}
	a := sys.MapLookupBatch{Batch: b}
	_, err = w.m.k.BPF(&a)
	return a.Count, err
}

// noSpace doubles what a batch has room for: a bucket of a hash is given whole or
// not at all.
func (w *walker) noSpace() error {
	const most = 1 << 22
	if w.room >= most {
		return &loader.Error{Class: loader.ClassRefused, Code: "refused", Map: w.m.Name, Doing: doing[opWalk], Err: unix.ENOSPC}
	}
	w.makeRoom(2 * w.room)
	return nil
}

// position is where the next batch begins: a bucket's number for hashes, a key for
// the others.
func (m *Map) position() []byte { return make([]byte, max(int(m.KeySize), 4)) }

// oneByOne walks with GET_NEXT_KEY. The key after the current one is asked for
// before the current one is handed on, since it may be deleted meanwhile.
func (w *walker) oneByOne(ctx context.Context, yield func(Entry, error) bool) error {
	m := w.m
	w.makeRoom(1)
	key, next := make([]byte, m.KeySize), make([]byte, m.KeySize)
	err := m.nextKey(nil, key)
	for err == nil {
		if err := ctx.Err(); err != nil {
			return err
		}
		err = m.nextKey(key, next)
		there, readErr := w.read(key)
		switch {
		case readErr != nil:
		case there:
			copy(w.keys, key)
			readErr = w.report(Entry{w.keys, w.values}, yield)
		default:
			readErr = w.step()
		}
		if readErr != nil {
			return readErr
		}
		key, next = next, key
	}
	if err == unix.ENOENT {
		return nil
	}
	return m.fail(opWalk, err, nil, 0)
}

// read reads or takes one element. Without a way to take it in one step it is read
// first and deleted then.
func (w *walker) read(key []byte) (there bool, err error) {
	m := w.m
	if w.take {
		_, err = m.k.BPF(&sys.MapLookupAndDelete{Elem: m.elem(key, w.values, 0)})
	} else {
		err = m.lookup(key, w.values, 0)
	}
	switch {
	case err == nil:
		return true, nil
	case err == unix.ENOENT:
		return false, nil
	case w.take:
		return false, m.fail(opPop, err, key, 0)
	}
	return false, m.fail(opLookup, err, key, 0)
}
