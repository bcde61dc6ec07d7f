// SPDX-License-Identifier: MIT

package verify

import (
	"fmt"
	"strings"
)

// urlPath escapes a path for use as a URI reference (RFC 3986); net/url would do
// the same at the price of linking it.
type urlPath struct{ path string }

func (u *urlPath) String() string {
	var b strings.Builder
	for i := range len(u.path) {
		c := u.path[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("-._~/!$&'()*+,;=@", c) >= 0:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
