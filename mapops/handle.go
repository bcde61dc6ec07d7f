// SPDX-License-Identifier: MIT

package mapops

import (
	"encoding/binary"
	"encoding/json"
	"fmt"

	"github.com/bpfload/bpfload/internal/value"
)

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
	v, err := value.FromJSON(document)
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
		return fmt.Errorf("%w to %s (%s), got %s", errReference, c.holds, c.holds.forms(), written(v))
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

// written is a value as the user wrote it.
func written(v any) string {
	if text, err := json.Marshal(v); err == nil {
		return string(text)
	}
	return fmt.Sprint(v)
}
