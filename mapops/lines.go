// SPDX-License-Identifier: MIT

package mapops

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
)

// Schema is what the documents and the first line of an export call themselves.
const Schema = "bpfload/map/v1"

// A Description is the first line of an export, and what documents say of a map.
type Description struct {
	Name       string `json:"name"`
	ID         uint32 `json:"id"`
	Type       string `json:"type"`
	KeySize    uint32 `json:"key_size"`
	ValueSize  uint32 `json:"value_size"`
	MaxEntries uint32 `json:"max_entries"`
	MapFlags   uint32 `json:"map_flags"`
	CPUs       int    `json:"cpus,omitempty"` // values in an element of a per-CPU map
}

// Describe returns the map's attributes.
func (m *Map) Describe() Description {
	d := Description{
		Name: m.Name, ID: m.ID, Type: m.TypeName(), KeySize: m.KeySize, ValueSize: m.ValueSize,
		MaxEntries: m.MaxEntries, MapFlags: m.Flags,
	}
	if m.PerCPU() {
		d.CPUs = m.cpus
	}
	return d
}

// AppendEntry appends an element as a JSON object: its key, if the map has keys,
// and its value, or the values of all possible CPUs.
func (m *Map) AppendEntry(buf []byte, e Entry) (_ []byte, err error) {
	buf = append(buf, '{')
	if !m.Keyless() {
		if buf, err = m.FormatKey(append(buf, `"key":`...), e.Key); err != nil {
			return nil, err
		}
		buf = append(buf, ',')
	}
	name := `"value":`
	if m.PerCPU() {
		name = `"values":`
	}
	if buf, err = m.FormatValue(append(buf, name...), e.Value); err != nil {
		return nil, err
	}
	return append(buf, '}'), nil
}

// Export writes the map as lines of JSON: a [Description], then every element, and
// returns the number of elements. [Map.All] says what happens when others change
// the map meanwhile. Programs and maps are given by their ids, which mean the same
// only until these are loaded anew. Progress, where not nil, is told the number
// after each.
func (m *Map) Export(ctx context.Context, w io.Writer, progress func(done int)) (done int, err error) {
	out := bufio.NewWriterSize(w, 1<<16)
	head, err := json.Marshal(struct {
		Schema string      `json:"schema"`
		Map    Description `json:"map"`
	}{Schema, m.Describe()})
	if err != nil {
		return 0, err
	}
	line := append(head, '\n')
	if _, err := out.Write(line); err != nil {
		return 0, err
	}
	for e, err := range m.All(ctx) {
		if err != nil {
			out.Flush()
			return done, err
		}
		if line, err = m.AppendEntry(line[:0], e); err != nil {
			return done, err
		}
		if _, err := out.Write(append(line, '\n')); err != nil {
			return done, err
		}
		done++
		if progress != nil {
			progress(done)
		}
	}
	return done, out.Flush()
}
