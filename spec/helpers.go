// SPDX-License-Identifier: MIT

package spec

import (
	"strings"

	"github.com/cilium/ebpf/asm"
)

// HelperName returns the name of a helper function by its number, such as
// "bpf_map_lookup_elem" for 1; "" where there is none. Names are those of
// include/uapi/linux/bpf.h.
func HelperName(id int32) string {
	if id <= 0 {
		return ""
	}
	// The library has them in capitals: FnMapLookupElem.
	words, ok := strings.CutPrefix(asm.BuiltinFunc(id).String(), "Fn")
	if !ok {
		return ""
	}
	var b strings.Builder
	b.WriteString("bpf")
	for _, r := range words {
		if 'A' <= r && r <= 'Z' {
			b.WriteByte('_')
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return b.String()
}
