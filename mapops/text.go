// SPDX-License-Identifier: MIT

package mapops

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/bpfload/bpfload/loader"
	"github.com/bpfload/bpfload/rawbtf"
)

// ParseKey reads a key as somebody types it: by its type a number, name, address
// or JSON; hex:0a00ff for any; for the key of an LPM trie also an address or
// prefix.
func (m *Map) ParseKey(text string) ([]byte, error) {
	return m.encode("key", make([]byte, m.KeySize), func(dst []byte) error { return m.key.parse(text, dst) })
}

// DecodeKey is [Map.ParseKey] for JSON.
func (m *Map) DecodeKey(document []byte) ([]byte, error) {
	return m.encode("key", make([]byte, m.KeySize), func(dst []byte) error { return m.key.decode(document, dst) })
}

// ParseValue reads a value like [Map.ParseKey]. For a per-CPU map it is a JSON list
// of one value for each possible CPU, or one value that all of them get.
func (m *Map) ParseValue(text string) ([]byte, error) {
	return m.MergeValue(make([]byte, m.ValueLen()), text)
}

// MergeValue is [Map.ParseValue] for a value that exists: members of a struct, or
// variables of a data section, that text does not mention stay as they are in old,
// which is left alone.
func (m *Map) MergeValue(old []byte, text string) ([]byte, error) {
	if m.traits.perCPU && strings.HasPrefix(text, "[") {
		return m.decodeValue(old, []byte(text))
	}
	return m.oneForAll(old, func(dst []byte) error { return m.value.parse(text, dst) })
}

// DecodeValue is [Map.ParseValue] for JSON.
func (m *Map) DecodeValue(document []byte) ([]byte, error) {
	return m.decodeValue(make([]byte, m.ValueLen()), document)
}

func (m *Map) decodeValue(old, document []byte) ([]byte, error) {
	if m.traits.perCPU && bytes.HasPrefix(bytes.TrimSpace(document), []byte("[")) {
		var list []json.RawMessage
		if err := json.Unmarshal(document, &list); err != nil {
			return nil, m.badInput("value", fmt.Errorf("not JSON: %w", err))
		}
		if !m.isWholeArray(list) {
			return m.decodeValues(old, list)
		}
	}
	return m.oneForAll(old, func(dst []byte) error { return m.value.decode(document, dst) })
}

// isWholeArray says whether a list is the value of one CPU, which is an array,
// rather than a list of such values.
func (m *Map) isWholeArray(list []json.RawMessage) bool {
	t, ok := m.value.(typed)
	if !ok || t.types.Underlying(t.id).Kind != rawbtf.KindArray || len(list) == 0 {
		return false
	}
	first := bytes.TrimSpace(list[0])
	elem, _, _ := t.types.Underlying(t.id).Array()
	if t.types.Underlying(elem).Kind == rawbtf.KindArray {
		return m.value.decode(list[0], make([]byte, m.ValueSize)) != nil
	}
	return len(first) > 0 && first[0] != '['
}

// DecodeValues reads the values of all possible CPUs.
func (m *Map) DecodeValues(list []json.RawMessage) ([]byte, error) {
	return m.decodeValues(make([]byte, m.ValueLen()), list)
}

func (m *Map) decodeValues(old []byte, list []json.RawMessage) ([]byte, error) {
	if !m.traits.perCPU {
		return nil, m.badInput("values", fmt.Errorf("this %s has one value for all CPUs", m.TypeName()))
	}
	if len(list) != m.cpus {
		return nil, m.badInput("values", fmt.Errorf("%d values for %d possible CPUs", len(list), m.cpus))
	}
	return m.encode("value", old, func(dst []byte) error {
		for i, document := range list {
			if err := m.value.decode(document, m.cpuValue(dst, i)); err != nil {
				return fmt.Errorf("CPU %d: %w", i, err)
			}
		}
		return nil
	})
}

// IsSection says whether the value is a data section, whose members are variables.
func (m *Map) IsSection() bool {
	t, ok := m.value.(typed)
	return ok && t.types.Type(t.id).Kind == rawbtf.KindDatasec
}

// ParseCPUValue reads the value of a single CPU.
func (m *Map) ParseCPUValue(text string) ([]byte, error) {
	return m.encode("value", make([]byte, m.ValueSize), func(dst []byte) error { return m.value.parse(text, dst) })
}

// oneForAll encodes one value, for every CPU where the map is per-CPU.
func (m *Map) oneForAll(old []byte, one func(dst []byte) error) ([]byte, error) {
	return m.encode("value", old, func(dst []byte) error {
		for i := range m.cpus {
			if err := one(m.cpuValue(dst, i)); err != nil {
				return err
			}
		}
		return nil
	})
}

// cpuValue returns the value of one CPU.
func (m *Map) cpuValue(value []byte, cpu int) []byte {
	if !m.traits.perCPU {
		return value
	}
	return value[cpu*m.stride():][:m.ValueSize:m.ValueSize]
}

func (m *Map) encode(what string, old []byte, into func([]byte) error) ([]byte, error) {
	if len(old) == 0 {
		return nil, m.badInput(what, fmt.Errorf("this %s has no %ss", m.TypeName(), what))
	}
	dst := bytes.Clone(old)
	if err := into(dst); err != nil {
		return nil, m.badInput(what, err)
	}
	return dst, nil
}

// badInput is the error for text that is no key or value of this map. What went
// wrong while opening what it refers to keeps its class.
func (m *Map) badInput(what string, err error) error {
	e := &loader.Error{Class: loader.ClassUsage, Code: "map-" + strings.TrimSuffix(what, "s"), Map: m.Name, Doing: what, Err: err}
	var done *loader.Error
	if errors.As(err, &done) {
		e.Class, e.Code, e.Advice = done.Class, done.Code, done.Advice
	}
	return e
}

// FormatKey appends a key as JSON.
func (m *Map) FormatKey(buf, key []byte) ([]byte, error) {
	return m.format(buf, m.key, key)
}

// FormatValue appends a value as JSON; that of a per-CPU map is a list of one for
// each possible CPU.
func (m *Map) FormatValue(buf, value []byte) ([]byte, error) {
	if !m.traits.perCPU {
		return m.format(buf, m.value, value)
	}
	buf = append(buf, '[')
	for i := range m.cpus {
		if i > 0 {
			buf = append(buf, ',')
		}
		var err error
		if buf, err = m.format(buf, m.value, m.cpuValue(value, i)); err != nil {
			return nil, err
		}
	}
	return append(buf, ']'), nil
}

// FormatCPUValue appends the value of a single CPU as JSON.
func (m *Map) FormatCPUValue(buf, value []byte) ([]byte, error) {
	return m.format(buf, m.value, value)
}

// format falls back on bytes where the type turns out to describe no value.
func (m *Map) format(buf []byte, c codec, data []byte) ([]byte, error) {
	n := len(buf)
	if out, err := c.format(buf, data); err == nil {
		return out, nil
	}
	return plain{}.format(buf[:n], data)
}
