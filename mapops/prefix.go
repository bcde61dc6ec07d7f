// SPDX-License-Identifier: MIT

package mapops

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/bpfload/bpfload/internal/value"
)

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
	v, err := value.FromJSON(document)
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
		return fmt.Errorf("want a prefix of %d bits, such as %q, or all %d bytes as hex:..., got %s", 8*(len(dst)-4), example(len(dst)-4), len(dst), written(v))
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
