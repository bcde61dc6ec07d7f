// SPDX-License-Identifier: MIT

package mapops

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/kernel"
	"github.com/bpfload/bpfload/internal/sys"
	"github.com/bpfload/bpfload/internal/value"
	"github.com/bpfload/bpfload/rawbtf"
)

// A codec turns a key, or the value of one CPU, from text or JSON into bytes and
// back.
type codec interface {
	// parse reads what somebody typed.
	parse(text string, dst []byte) error
	// decode reads a JSON value.
	decode(document, dst []byte) error
	// format appends JSON that decode takes back.
	format(buf, data []byte) ([]byte, error)
}

// chooseCodecs finds out what keys and values look like: from the type of the map
// where that settles it, then from BTF.
func (m *Map) chooseCodecs(info *sys.MapInfo) {
	m.key, m.value = plain{}, plain{}
	switch m.Type {
	case ebpf.DevMap, ebpf.DevMapHash:
		m.value = target{refs: &m.refs, device: true}
	case ebpf.CPUMap:
		m.value = target{refs: &m.refs}
	case ebpf.LPMTrie:
		m.key = prefix{}
	case ebpf.StackTrace:
		m.value = addresses{}
	default:
		if m.traits.holds != holdsNothing {
			m.value = handle{&m.refs, m.traits.holds}
		}
	}
	if info.BTFID != 0 && (info.BTFKeyTypeID != 0 || info.BTFValueTypeID != 0) {
		types, err := readBTF(m.k, info.BTFID)
		if err != nil {
			m.untyped = err
			return
		}
		m.key = typedOr(m.key, types, info.BTFKeyTypeID, m.KeySize)
		if m.traits.holds == holdsNothing {
			m.value = typedOr(m.value, types, info.BTFValueTypeID, m.ValueSize)
		}
	} else if info.BTFVmlinuxValueTypeID != 0 {
		types, err := kernel.Running().Types()
		if err != nil {
			m.untyped = err
			return
		}
		m.value = typedOr(m.value, types.Vmlinux(), info.BTFVmlinuxValueTypeID, m.ValueSize)
	}
	if m.traits.keys != holdsNothing {
		m.key = handle{&m.refs, m.traits.keys}
	}
}

// typedOr returns the codec of a BTF type if that describes size bytes.
func typedOr(otherwise codec, types *rawbtf.Spec, id rawbtf.ID, size uint32) codec {
	if n, ok := types.Size(id); id == 0 || !ok || n != uint64(size) {
		return otherwise
	}
	_, isPrefix := otherwise.(prefix)
	return typed{types, id, isPrefix}
}

// readBTF reads a BTF blob of the kernel's.
func readBTF(k sys.Kernel, id uint32) (*rawbtf.Spec, error) {
	fd, err := k.BPF(&sys.BTFByID{ID: sys.ID{ID: id}})
	if err == unix.EPERM {
		return nil, fmt.Errorf("BTF of id %d takes CAP_SYS_ADMIN: %w", id, err)
	}
	if err != nil {
		return nil, fmt.Errorf("BTF of id %d: %w", id, err)
	}
	defer k.Close(fd)
	var info sys.BTFInfo
	if err := sys.Info(k, fd, &info); err != nil {
		return nil, fmt.Errorf("BTF of id %d: %w", id, err)
	}
	raw := make([]byte, info.BTFSize)
	info = sys.BTFInfo{BTF: sys.Bytes(raw), BTFSize: uint32(len(raw))}
	if err := sys.Info(k, fd, &info); err != nil {
		return nil, fmt.Errorf("BTF of id %d: %w", id, err)
	}
	return rawbtf.Parse(raw, nil)
}

// typed is a value with a BTF type.
type typed struct {
	types  *rawbtf.Spec
	id     rawbtf.ID
	prefix bool // the key of an LPM trie, for which an address will do
}

func (c typed) parse(text string, dst []byte) error {
	if c.prefix {
		text = asPrefix(text)
	}
	switch c.types.Underlying(c.id).Kind {
	case rawbtf.KindArray, rawbtf.KindStruct, rawbtf.KindUnion, rawbtf.KindDatasec:
		text = hexBytes(text, len(dst))
	}
	return value.ParseText(c.types, c.id, text, dst)
}

func (c typed) decode(document, dst []byte) error {
	if v, ok := simple(document); ok {
		return value.Encode(c.types, c.id, v, dst)
	}
	return value.ParseJSON(c.types, c.id, document, dst)
}

func (c typed) format(buf, data []byte) ([]byte, error) {
	return value.Append(buf, c.types, c.id, data)
}

// hexBytes turns text such as 0x0a000001 into hex:0a000001 if it gives n bytes.
func hexBytes(text string, n int) string {
	digits, ok := strings.CutPrefix(text, "0x")
	if !ok || len(digits) != 2*n {
		return text
	}
	return "hex:" + digits
}

// plain is a value without a type: a number if it has the size of one, otherwise
// bytes.
type plain struct{}

func (plain) parse(text string, dst []byte) error {
	if len(dst) > 16 {
		text = hexBytes(text, len(dst))
	}
	return value.ParseText(nil, 0, text, dst)
}

func (plain) decode(document, dst []byte) error {
	if v, ok := simple(document); ok {
		return value.Encode(nil, 0, v, dst)
	}
	return value.ParseJSON(nil, 0, document, dst)
}

// simple reads JSON that is digits or text without escapes: most of what a long
// import consists of.
func simple(document []byte) (any, bool) {
	n := len(document)
	if n == 0 || n > 1 && document[0] == '0' {
		return nil, false
	}
	isNumber, isText := true, n >= 2 && document[0] == '"' && document[n-1] == '"'
	for i, c := range document {
		isNumber = isNumber && '0' <= c && c <= '9'
		isText = isText && (i == 0 || i == n-1 || c >= ' ' && c < 0x7f && c != '"' && c != '\\')
	}
	switch {
	case isNumber:
		return json.Number(document), true
	case isText:
		return string(document[1 : n-1]), true
	}
	return nil, false
}

func (plain) format(buf, data []byte) ([]byte, error) {
	switch len(data) {
	case 1:
		return strconv.AppendUint(buf, uint64(data[0]), 10), nil
	case 2:
		return strconv.AppendUint(buf, uint64(binary.NativeEndian.Uint16(data)), 10), nil
	case 4:
		return strconv.AppendUint(buf, uint64(binary.NativeEndian.Uint32(data)), 10), nil
	case 8:
		return strconv.AppendUint(buf, binary.NativeEndian.Uint64(data), 10), nil
	}
	return value.Append(buf, nil, 0, data)
}
