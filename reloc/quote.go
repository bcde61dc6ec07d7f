// SPDX-License-Identifier: MIT

package reloc

import (
	"strconv"
	"strings"
)

// printable quotes a name taken from the file.
func printable(name string) string { return strconv.Quote(name) }

// maxNames is how many names a message lists.
const maxNames = 10

// quoted lists names for a message.
func quoted(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	var b strings.Builder
	for i, name := range names {
		if i == maxNames {
			b.WriteString(" and others")
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(printable(name))
	}
	return b.String()
}

// fileName quotes the name of a source file only where a terminal would interpret
// it.
func fileName(name string) string {
	if quoted := strconv.Quote(name); quoted[1:len(quoted)-1] != name {
		return quoted
	}
	return name
}
