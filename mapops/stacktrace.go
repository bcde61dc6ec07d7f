// SPDX-License-Identifier: MIT

package mapops

import (
	"encoding/binary"
	"fmt"

	"github.com/bpfload/bpfload/internal/value"
)

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
