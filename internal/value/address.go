// SPDX-License-Identifier: MIT

package value

import (
	"net"
	"net/netip"
	"strings"
)

// parseAddress reads a network address that takes the given number of bytes: 4 for
// IPv4, 6 for a hardware address, 16 for IPv6. The bytes are in the order in which
// packets carry them.
func parseAddress(text string, size int) ([]byte, bool) {
	if size == 6 {
		mac, err := net.ParseMAC(text)
		return mac, err == nil && len(mac) == 6
	}
	a, err := netip.ParseAddr(text)
	if err != nil || a.Zone() != "" || a.BitLen() != 8*size {
		return nil, false
	}
	return a.AsSlice(), true
}

// parsePrefix reads an address and the length of its prefix.
func parsePrefix(text string) (address []byte, length int, ok bool) {
	p, err := netip.ParsePrefix(text)
	if err != nil {
		return nil, 0, false
	}
	return p.Addr().AsSlice(), p.Bits(), true
}

// badAddress is the error for text that is meant for an address, or a prefix as the key
// of an LPM trie, and is none; nil for text of another look, or that fits another size.
func badAddress(text string, size int) error {
	address, length, isPrefix := strings.Cut(text, "/")
	four, six := strings.Count(address, ".") == 3, strings.Count(address, ":") > 1
	if !four && !six || strings.Trim(address, "0123456789abcdefABCDEF.:") != "" {
		return nil
	}
	a, err := netip.ParseAddr(address)
	switch {
	case err != nil:
		return refuse(ErrType, "%q is no address", text)
	case isPrefix && size == 4+a.BitLen()/8:
		return refuse(ErrRange, "a prefix of %s has a length of 0 to %d, not %q", address, a.BitLen(), length)
	}
	return nil
}
