// SPDX-License-Identifier: MIT

package mapops

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net"
	"net/netip"
	"strconv"
	"strings"

	"github.com/bpfload/bpfload/internal/value"
)

// fromText makes of text from a command line what encoding/json would: documents
// are parsed, everything else is a string.
func fromText(text string) (any, error) {
	if text != "" && strings.IndexByte(`{["`, text[0]) >= 0 {
		return fromJSON([]byte(text))
	}
	return text, nil
}

func fromJSON(document []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(document))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, fmt.Errorf("not JSON: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fmt.Errorf("something follows the JSON value")
	}
	return v, nil
}

// raw reads text such as hex:0a00.
func raw(v any, dst []byte) (done bool, err error) {
	if s, ok := v.(string); !ok || !strings.HasPrefix(s, "hex:") {
		return false, nil
	}
	return true, value.Encode(nil, 0, v, dst)
}

// handle is a descriptor, which the kernel hands back as an id or, for a socket,
// as its cookie.
type handle struct {
	refs  *references
	holds holder
}

func (c handle) parse(text string, dst []byte) error {
	v, err := fromText(text)
	if err != nil {
		return err
	}
	return c.encode(v, dst)
}

func (c handle) decode(document, dst []byte) error {
	v, err := fromJSON(document)
	if err != nil {
		return err
	}
	return c.encode(v, dst)
}

func (c handle) encode(v any, dst []byte) error {
	if done, err := raw(v, dst); done {
		return err
	}
	ref, ok := v.(string)
	if !ok {
		return fmt.Errorf("%w to %s (%s), got %v", errReference, c.holds, c.holds.forms(), v)
	}
	fd, err := c.refs.descriptor(c.holds, ref)
	if err != nil {
		return err
	}
	return value.Encode(nil, 0, fd, dst)
}

func (c handle) format(buf, data []byte) ([]byte, error) {
	if c.holds != holdsProgram && c.holds != holdsMap || len(data) != 4 {
		return plain{}.format(buf, data)
	}
	return fmt.Appendf(buf, `"id:%d"`, binary.NativeEndian.Uint32(data)), nil
}

// target is where a devmap or cpumap sends packets: struct bpf_devmap_val or
// struct bpf_cpumap_val, or their first member alone.
type target struct {
	refs   *references
	device bool
}

// member names the first member.
func (c target) member() string {
	if c.device {
		return "ifindex"
	}
	return "qsize"
}

func (c target) parse(text string, dst []byte) error {
	v, err := fromText(text)
	if err != nil {
		return err
	}
	return c.encode(v, dst)
}

func (c target) decode(document, dst []byte) error {
	v, err := fromJSON(document)
	if err != nil {
		return err
	}
	return c.encode(v, dst)
}

func (c target) encode(v any, dst []byte) error {
	if done, err := raw(v, dst); done {
		return err
	}
	clear(dst)
	if len(dst) < 4 {
		return fmt.Errorf("the value takes %d bytes, want 4 or 8", len(dst))
	}
	members, ok := v.(map[string]any)
	if !ok {
		return c.first(v, dst[:4])
	}
	given := len(members)
	if first, ok := members[c.member()]; ok {
		given--
		if err := c.first(first, dst[:4]); err != nil {
			return fmt.Errorf("%s: %w", c.member(), err)
		}
	} else {
		return fmt.Errorf("want %q", c.member())
	}
	program, ok := members["bpf_prog"]
	if ok {
		given--
	}
	if given > 0 {
		return fmt.Errorf(`want an object such as {"%s": ..., "bpf_prog": "pinned:PATH"}, got other members`, c.member())
	}
	if program == nil {
		return nil
	}
	if len(dst) < 8 {
		return fmt.Errorf("bpf_prog: the map's values of 4 bytes have no room for a program")
	}
	return handle{c.refs, holdsProgram}.encode(program, dst[4:8])
}

// first encodes an interface, by name or number, or the size of a queue.
func (c target) first(v any, dst []byte) error {
	err := value.Encode(nil, 0, v, dst)
	name, isText := v.(string)
	if err == nil || !c.device || !isText {
		return err
	}
	dev, err := net.InterfaceByName(name)
	if err != nil {
		return fmt.Errorf("%q is neither the name nor the number of a network interface here", name)
	}
	binary.NativeEndian.PutUint32(dst, uint32(dev.Index))
	return nil
}

func (c target) format(buf, data []byte) ([]byte, error) {
	if len(data) != 4 && len(data) != 8 {
		return plain{}.format(buf, data)
	}
	if len(data) == 8 {
		buf = fmt.Appendf(buf, `{"%s":`, c.member())
	}
	buf = c.formatFirst(buf, binary.NativeEndian.Uint32(data))
	if len(data) == 4 {
		return buf, nil
	}
	if id := binary.NativeEndian.Uint32(data[4:]); id != 0 {
		return fmt.Appendf(buf, `,"bpf_prog":"id:%d"}`, id), nil
	}
	return append(buf, `,"bpf_prog":null}`...), nil
}

// formatFirst writes the name of an interface, which survives a reboot, where
// there is one that cannot be taken for a number.
func (c target) formatFirst(buf []byte, n uint32) []byte {
	if c.device && n <= math.MaxInt32 {
		if dev, err := net.InterfaceByIndex(int(n)); err == nil && (dev.Name[0] < '0' || dev.Name[0] > '9') {
			if name, err := json.Marshal(dev.Name); err == nil {
				return append(buf, name...)
			}
		}
	}
	return strconv.AppendUint(buf, uint64(n), 10)
}

// prefix is the key of an LPM trie without a type: a length in bits, then an
// address.
type prefix struct{}

func (prefix) parse(text string, dst []byte) error {
	if strings.HasPrefix(text, `"`) {
		return prefix{}.decode([]byte(text), dst)
	}
	return prefix{}.encode(text, dst)
}

func (prefix) decode(document, dst []byte) error {
	v, err := fromJSON(document)
	if err != nil {
		return err
	}
	return prefix{}.encode(v, dst)
}

func (prefix) encode(v any, dst []byte) error {
	if done, err := raw(v, dst); done {
		return err
	}
	text, _ := v.(string)
	p, err := netip.ParsePrefix(asPrefix(text))
	if err != nil || 4+p.Addr().BitLen()/8 != len(dst) {
		return fmt.Errorf("want a prefix of %d bits, such as %q, or all %d bytes as hex:..., got %v", 8*(len(dst)-4), example(len(dst)-4), len(dst), v)
	}
	binary.NativeEndian.PutUint32(dst, uint32(p.Bits()))
	copy(dst[4:], p.Addr().AsSlice())
	return nil
}

func example(size int) string {
	if size == 16 {
		return "fd00::/8"
	}
	return "10.0.0.0/8"
}

// asPrefix makes of an address the prefix that nothing but it matches.
func asPrefix(text string) string {
	if a, err := netip.ParseAddr(text); err == nil {
		return text + "/" + strconv.Itoa(a.BitLen())
	}
	return text
}

func (prefix) format(buf, data []byte) ([]byte, error) {
	if len(data) == 8 || len(data) == 20 {
		bits := binary.NativeEndian.Uint32(data)
		if a, _ := netip.AddrFromSlice(data[4:]); bits <= uint32(a.BitLen()) {
			return fmt.Appendf(buf, `"%s/%d"`, a, bits), nil
		}
	}
	return value.Append(buf, nil, 0, data)
}

// addresses is a stack trace: as many addresses as it has room for, the unused
// ones 0.
type addresses struct{}

func (addresses) parse(text string, dst []byte) error { return plain{}.parse(text, dst) }

func (addresses) decode(document, dst []byte) error { return plain{}.decode(document, dst) }

func (addresses) format(buf, data []byte) ([]byte, error) {
	if len(data)%8 != 0 {
		return value.Append(buf, nil, 0, data)
	}
	buf = append(buf, '[')
	for i := 0; i < len(data); i += 8 {
		a := binary.NativeEndian.Uint64(data[i:])
		if a == 0 {
			break
		}
		if i > 0 {
			buf = append(buf, ',')
		}
		buf = fmt.Appendf(buf, `"%#x"`, a)
	}
	return append(buf, ']'), nil
}
