// SPDX-License-Identifier: MIT

package value

import (
	"strings"
	"testing"
)

// What is meant for an address and is none is told as one, not as a struct or number that
// nobody meant.
func TestBadAddress(t *testing.T) {
	for text, c := range map[string]struct {
		size int
		want string // "" for none
	}{
		"10.0.0.256":    {4, `"10.0.0.256" is no address`},
		"10.0.0.0/33":   {8, `a prefix of 10.0.0.0 has a length of 0 to 32, not "33"`},
		"10.0.0.0/x":    {8, `a prefix of 10.0.0.0 has a length of 0 to 32, not "x"`},
		"fd00::/129":    {20, `a prefix of fd00:: has a length of 0 to 128, not "129"`},
		"fd00:::1":      {16, `"fd00:::1" is no address`},
		"10.0.0.1":      {16, ""}, // an address, of another size
		"10.0.0.0/8":    {20, ""},
		"1.2":           {4, ""},
		"v1.2.3.4":      {4, ""},
		"/sys/fs/bpf/x": {4, ""},
		"":              {4, ""},
	} {
		err := badAddress(text, c.size)
		if got := err != nil; got != (c.want != "") || got && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q for %d bytes: %v, want %q", text, c.size, err, c.want)
		}
	}
}
