// SPDX-License-Identifier: MIT

package mapops

import (
	"context"
	"errors"

	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/sys"
)

var errLengths = errors.New("keys and values are not of one number of elements")

// perBatch is the number of elements that one command handles: enough to make
// system calls cheap, few enough to be interrupted between two.
const perBatch = 4096

// UpdateBatch writes elements whose keys stand one after the other, as do their
// values, and returns how many were written before the first that was refused.
// Map-in-map slots written together cost one RCU grace period instead of one each.
// Flags other than [Any] and [Lock], maps without keys and kernels without batches
// (before 5.6, for some types before 5.13) have the elements written one by one.
func (m *Map) UpdateBatch(ctx context.Context, keys, values []byte, flags Flags) (done int, err error) {
	keySize, valueSize := int(m.KeySize), m.ValueLen()
	n := len(values) / max(valueSize, 1)
	if n*valueSize != len(values) || n*keySize != len(keys) {
		return 0, m.badInput("value", errLengths)
	}
	batches := flags&^Lock == 0 && !m.Keyless() && !m.noBatch
	for done < n {
		if err := ctx.Err(); err != nil {
			return done, err
		}
		if !batches {
			key, value := keys[done*keySize:][:keySize], values[done*valueSize:][:valueSize]
			if err := m.Update(key, value, flags); err != nil {
				return done, err
			}
			done++
			continue
		}
		count := min(n-done, perBatch)
		a := sys.MapUpdateBatch{Batch: sys.Batch{
			Keys: sys.Bytes(keys[done*keySize:]), Values: sys.Bytes(values[done*valueSize:]),
			Count: uint32(count), MapFD: uint32(m.fd), ElemFlags: uint64(flags),
		}}
		_, err := m.k.BPF(&a)
		if noBatch(err, a.Count, count) {
			m.noBatch, batches = true, false
			continue
		}
		written := processed(err, a.Count, count)
		done += written
		if err != nil {
			return done, m.fail(opUpdate, err, keys[done*keySize:][:keySize], flags)
		}
	}
	return done, nil
}

// DeleteBatch removes the elements whose keys stand one after the other and returns
// how many were removed before the first that was not there or not to be removed.
func (m *Map) DeleteBatch(ctx context.Context, keys []byte) (done int, err error) {
	keySize := int(m.KeySize)
	if keySize == 0 || len(keys)%keySize != 0 {
		return 0, m.badInput("key", errLengths)
	}
	n := len(keys) / keySize
	batches := !m.noBatch
	for done < n {
		if err := ctx.Err(); err != nil {
			return done, err
		}
		if !batches {
			if err := m.Delete(keys[done*keySize:][:keySize]); err != nil {
				return done, err
			}
			done++
			continue
		}
		count := min(n-done, perBatch)
		a := sys.MapDeleteBatch{Batch: sys.Batch{Keys: sys.Bytes(keys[done*keySize:]), Count: uint32(count), MapFD: uint32(m.fd)}}
		_, err := m.k.BPF(&a)
		if noBatch(err, a.Count, count) {
			m.noBatch, batches = true, false
			continue
		}
		done += processed(err, a.Count, count)
		if err != nil {
			return done, m.fail(opDelete, err, keys[done*keySize:][:keySize], 0)
		}
	}
	return done, nil
}

// noBatch says whether a batch was refused as such: no element was looked at, so
// the count is as it was given. There are several ways to say so.
func noBatch(err error, count uint32, given int) bool {
	return int(count) == given && (err == unix.EINVAL || err == enotsupp || err == unix.EOPNOTSUPP)
}

// processed returns how many elements a batch got through. The kernel writes the
// count only once it has begun.
func processed(err error, count uint32, given int) int {
	if err != nil && int(count) >= given {
		return 0
	}
	return int(count)
}

// Drain takes all elements, or at most limit if that is not 0, and calls f with
// each; the bytes are only good until f returns. What was taken and not handed to
// f, because f failed, is lost. Hashes give elements in batches since Linux 5.6.
func (m *Map) Drain(ctx context.Context, limit int, f func(Entry) error) (done int, err error) {
	if m.Keyless() {
		return m.drainValues(ctx, limit, f)
	}
	w := walker{m: m, take: true, limit: limit}
	for e, err := range w.all(ctx) {
		if err != nil {
			return done, err
		}
		if err := f(e); err != nil {
			return done, err
		}
		done++
	}
	return done, nil
}

func (m *Map) drainValues(ctx context.Context, limit int, f func(Entry) error) (done int, err error) {
	value := make([]byte, m.ValueLen())
	for limit == 0 || done < limit {
		if err := ctx.Err(); err != nil {
			return done, err
		}
		_, err := m.k.BPF(&sys.MapLookupAndDelete{Elem: m.elem(nil, value, 0)})
		if err == unix.ENOENT {
			break
		}
		if err != nil {
			return done, m.fail(opPop, err, nil, 0)
		}
		if err := f(Entry{Value: value}); err != nil {
			return done, err
		}
		done++
	}
	return done, nil
}
