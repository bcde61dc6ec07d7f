// SPDX-License-Identifier: MIT

package mapops

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"net"
	"strconv"

	"github.com/bpfload/bpfload/internal/value"
)

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
	v, err := value.FromJSON(document)
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
	program = outOfUnion(program)
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

// outOfUnion returns a reference to a program that is written as the kernel's
// struct has it: {"fd": ...} or {"id": ...}, where 0 and negative numbers stand for none.
func outOfUnion(v any) any {
	members, ok := v.(map[string]any)
	if !ok || len(members) != 1 {
		return v
	}
	for _, member := range [...]string{"fd", "id"} {
		ref, ok := members[member]
		if !ok {
			continue
		}
		n, isNumber := ref.(json.Number)
		if !isNumber {
			return ref
		}
		if i, err := n.Int64(); err == nil && i <= 0 {
			return nil
		}
		return member + ":" + n.String()
	}
	return v
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
