// SPDX-License-Identifier: MIT

package mapops

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/bpfload/bpfload/loader"
)

// A record is one line of an import.
type record struct {
	Key    json.RawMessage   `json:"key"`
	Value  json.RawMessage   `json:"value"`
	Values []json.RawMessage `json:"values"`

	Schema string       `json:"schema"`
	Map    *Description `json:"map"`
}

// A LineError says which line of an import is wrong or was refused.
type LineError struct {
	Line int // from 1
	Err  error
}

func (e *LineError) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }

// Unwrap returns the cause.
func (e *LineError) Unwrap() error { return e.Err }

// Import writes elements from lines of JSON as [Map.Export] makes them and returns
// how many were written. Empty lines are passed over; a first line that describes
// the exported map must agree in key_size and value_size. Elements are written in
// batches: an error, a *[LineError], leaves those of the lines before it written.
// Progress, where not nil, is told the number after each batch.
func (m *Map) Import(ctx context.Context, r io.Reader, flags Flags, progress func(done int)) (done int, err error) {
	b := pending{m: m, flags: flags}
	err = m.lines(r, func(n int, rec *record) error {
		if rec.Schema != "" || rec.Map != nil {
			return m.checkOrigin(rec)
		}
		if err := b.add(n, rec); err != nil {
			return err
		}
		if !b.full() {
			return nil
		}
		err := b.flush(ctx)
		if err == nil && progress != nil {
			progress(b.done)
		}
		return err
	})
	// What precedes a bad line is written, as the documentation says.
	if flushErr := b.flush(ctx); flushErr != nil {
		err = flushErr
	}
	return b.done, err
}

// DeleteLines removes the elements whose keys stand in lines of JSON, as
// [Map.Import] takes them, values ignored, and returns how many were removed.
func (m *Map) DeleteLines(ctx context.Context, r io.Reader) (done int, err error) {
	b := pending{m: m, deletes: true}
	err = m.lines(r, func(n int, rec *record) error {
		if rec.Schema != "" || rec.Map != nil {
			return m.checkOrigin(rec)
		}
		if err := b.add(n, rec); err != nil || !b.full() {
			return err
		}
		return b.flush(ctx)
	})
	if flushErr := b.flush(ctx); flushErr != nil {
		err = flushErr
	}
	return b.done, err
}

// lines calls f with each line that is not empty.
func (m *Map) lines(r io.Reader, f func(n int, rec *record) error) error {
	in := bufio.NewReaderSize(r, 1<<16)
	for n := 1; ; n++ {
		line, readErr := readLine(in, 1<<20+16*(int(m.KeySize)+m.ValueLen()))
		if text := bytes.TrimSpace(line); len(text) > 0 {
			rec, err := parseRecord(text)
			if err != nil {
				return &LineError{n, m.badInput("line", fmt.Errorf(`want an object such as {"key": ..., "value": ...}: %w`, err))}
			}
			if err := f(n, &rec); err != nil {
				var done *LineError
				if errors.As(err, &done) {
					return err
				}
				return &LineError{n, err}
			}
		}
		if readErr == io.EOF {
			return nil
		}
		if readErr != nil {
			return &LineError{n, readErr}
		}
	}
}

// parseRecord reads one line. Lines as Export writes them, a key and a value, are
// taken apart here, which is several times faster than to have it done.
func parseRecord(line []byte) (rec record, err error) {
	if rest, ok := bytes.CutPrefix(line, []byte(`{"key":`)); ok {
		if n := valueLen(rest); n > 0 {
			value, ok := bytes.CutPrefix(rest[n:], []byte(`,"value":`))
			if ok && valueLen(value) == len(value)-1 && value[len(value)-1] == '}' {
				return record{Key: rest[:n], Value: value[:len(value)-1]}, nil
			}
		}
	}
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(&rec); err != nil {
		return rec, err
	}
	if _, err := d.Token(); err != io.EOF {
		return rec, errors.New("something follows the JSON object")
	}
	return rec, nil
}

// valueLen returns how many bytes a JSON value at the start of text takes: up to
// the comma or bracket that ends it. Whether it is JSON is for others to say.
func valueLen(text []byte) int {
	depth, quoted := 0, false
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{', c == '[':
			depth++
		case depth == 0 && (c == ',' || c == '}' || c == ']'):
			return i
		case c == '}', c == ']':
			depth--
		}
	}
	return 0
}

// readLine reads a line of at most limit bytes, without copying those that fit the
// reader's buffer.
func readLine(in *bufio.Reader, limit int) ([]byte, error) {
	line, err := in.ReadSlice('\n')
	if err != bufio.ErrBufferFull {
		return line, err
	}
	long := bytes.Clone(line)
	for err == bufio.ErrBufferFull {
		if len(long) > limit {
			return nil, &loader.Error{Class: loader.ClassUsage, Code: "map-line", Err: fmt.Errorf("more than %d bytes", limit)}
		}
		line, err = in.ReadSlice('\n')
		long = append(long, line...)
	}
	return long, err
}

func (m *Map) checkOrigin(rec *record) error {
	if rec.Schema != Schema || rec.Map == nil {
		return m.badInput("line", fmt.Errorf("schema %q, want %q", rec.Schema, Schema))
	}
	if rec.Map.KeySize != m.KeySize || rec.Map.ValueSize != m.ValueSize {
		return m.badInput("line", fmt.Errorf("it was exported from a map with key_size %d and value_size %d; here they are %d and %d",
			rec.Map.KeySize, rec.Map.ValueSize, m.KeySize, m.ValueSize))
	}
	return nil
}

// pending are elements to be written or removed together.
type pending struct {
	m            *Map
	flags        Flags
	deletes      bool
	keys, values []byte
	lines        []int
	done         int
}

func (b *pending) add(line int, rec *record) error {
	m := b.m
	var key, value []byte
	var err error
	switch {
	case m.Keyless() && rec.Key != nil:
		return m.badInput("key", fmt.Errorf("this %s has no keys", m.TypeName()))
	case !m.Keyless() && rec.Key == nil:
		return m.badInput("key", errors.New("it is missing"))
	case !m.Keyless():
		if key, err = m.DecodeKey(rec.Key); err != nil {
			return err
		}
	}
	switch {
	case b.deletes:
	case rec.Values != nil && rec.Value != nil:
		return m.badInput("value", errors.New("value and values exclude each other"))
	case rec.Values != nil:
		value, err = m.DecodeValues(rec.Values)
	case rec.Value != nil:
		value, err = m.DecodeValue(rec.Value)
	default:
		err = m.badInput("value", errors.New("it is missing"))
	}
	if err != nil {
		return err
	}
	b.keys, b.values, b.lines = append(b.keys, key...), append(b.values, value...), append(b.lines, line)
	return nil
}

func (b *pending) full() bool {
	const most = 4 << 20 // bytes
	return len(b.lines) >= perBatch || len(b.keys)+len(b.values) >= most
}

func (b *pending) flush(ctx context.Context) error {
	if len(b.lines) == 0 {
		return nil
	}
	var n int
	var err error
	if b.deletes {
		n, err = b.m.DeleteBatch(ctx, b.keys)
	} else {
		n, err = b.m.UpdateBatch(ctx, b.keys, b.values, b.flags)
	}
	b.done += n
	if err != nil {
		err = &LineError{b.lines[min(n, len(b.lines)-1)], err}
	}
	b.keys, b.values, b.lines = b.keys[:0], b.values[:0], b.lines[:0]
	b.m.refs.close()
	return err
}
