// SPDX-License-Identifier: MIT

package bpffs

import (
	"strconv"
	"strings"
)

// LinkSuffix is added to the name of a pinned program, or struct_ops map, for the pin
// of its link.
const LinkSuffix = "_link"

// LinkName returns the name of the nth link, from 1, of what is pinned as name:
// NAME_link, then NAME_link_2 and so on.
func LinkName(name string, n int) string {
	name += LinkSuffix
	if n > 1 {
		name += "_" + strconv.Itoa(n)
	}
	return name
}

// IsLinkOf says whether pin is the name of a link of what is pinned as name.
func IsLinkOf(pin, name string) bool {
	rest, ok := strings.CutPrefix(pin, name+LinkSuffix)
	if !ok || rest == "" {
		return ok
	}
	n, err := strconv.Atoi(rest[1:])
	return err == nil && n > 1 && rest == "_"+strconv.Itoa(n)
}

// IsLink says whether pin is the name of a link of something.
func IsLink(pin string) bool {
	i := strings.LastIndex(pin, LinkSuffix)
	return i > 0 && IsLinkOf(pin, pin[:i])
}
