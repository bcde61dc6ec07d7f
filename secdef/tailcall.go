// SPDX-License-Identifier: MIT

package secdef

import (
	"strconv"
	"strings"

	"github.com/bpfload/bpfload/spec"
)

// ParseTailCall reads the section names by which loaders of a convention put a
// program into a prog array:
//
//   - iproute2: ID/KEY, decimal, octal or hexadecimal, in the map with that id;
//   - kernel-samples: socket/N, sockops/N, sk_skb/N, sk_msg/N, kprobe/N and
//     kretprobe/N, in the last prog array of the object;
//   - ovs: tail-N, in the map "tailcalls".
//
// Other conventions have none. The same names mean nothing in objects written for
// another loader.
func ParseTailCall(section string, c Convention) (spec.TailCall, bool) {
	switch c {
	case IPRoute2:
		id, key, ok := strings.Cut(section, "/")
		if !ok {
			return spec.TailCall{}, false
		}
		mapID, ok := parseC(id)
		index, ok2 := parseC(key)
		return spec.TailCall{MapID: mapID, Index: index}, ok && ok2
	case KernelSamples:
		kind, n, _ := strings.Cut(section, "/")
		switch kind {
		case "socket", "sockops", "sk_skb", "sk_msg", "kprobe", "kretprobe":
			index, ok := parseDecimal(n)
			return spec.TailCall{Index: index}, ok
		}
	case OVS:
		if n, ok := strings.CutPrefix(section, "tail-"); ok {
			index, ok := parseDecimal(n)
			return spec.TailCall{Map: "tailcalls", Index: index}, ok
		}
	}
	return spec.TailCall{}, false
}

// parseC reads a number as C writes one: 0x for hexadecimal, 0 for octal.
func parseC(s string) (uint32, bool) {
	base := 10
	if digits, ok := strings.CutPrefix(strings.ToLower(s), "0x"); ok {
		s, base = digits, 16
	} else if len(s) > 1 && s[0] == '0' {
		base = 8
	}
	n, err := strconv.ParseUint(s, base, 32)
	return uint32(n), err == nil
}

func parseDecimal(s string) (uint32, bool) {
	n, err := strconv.ParseUint(s, 10, 32)
	return uint32(n), err == nil
}
