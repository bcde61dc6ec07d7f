// SPDX-License-Identifier: MIT

package value

import (
	"net"
	"net/netip"
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
