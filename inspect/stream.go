// SPDX-License-Identifier: MIT

package inspect

import (
	"bufio"
	"bytes"

	"github.com/bpfload/bpfload/internal/plain"
)

// An object is a JSON object that is being written, indented as plain.Marshal does,
// to which long arrays are added whose elements are never all in memory. What writing
// comes to is known when w is flushed.
type object struct {
	w      *bufio.Writer
	indent string // of its last line
}

// begin writes v, which must not be empty, but for the end.
func (o object) begin(v any) error {
	text, err := plain.Marshal(v, o.indent)
	if err == nil {
		o.w.Write(bytes.TrimSuffix(text, []byte("\n"+o.indent+"}")))
	}
	return err
}

func (o object) end() { o.w.WriteString("\n" + o.indent + "}") }

// array begins a further member.
func (o object) array(name string) *array {
	o.w.WriteString(",\n" + o.indent + `  "` + name + `": [`)
	return &array{o.w, o.indent + "  ", false}
}

// An array is the value of a member.
type array struct {
	w      *bufio.Writer
	indent string // of its last line
	some   bool
}

// next goes to where an element begins and returns the indent of its last line.
func (a *array) next() string {
	if a.some {
		a.w.WriteByte(',')
	}
	a.some = true
	a.w.WriteString("\n" + a.indent + "  ")
	return a.indent + "  "
}

func (a *array) add(v any) error {
	text, err := plain.Marshal(v, a.next())
	if err == nil {
		_, err = a.w.Write(text)
	}
	return err
}

func (a *array) end() {
	if a.some {
		a.w.WriteString("\n" + a.indent)
	}
	a.w.WriteByte(']')
}
