// SPDX-License-Identifier: MIT

package inspect

import (
	"bufio"
	"bytes"

	"github.com/bpfload/bpfload/internal/plain"
)

// A jsonObject is an object that is being written, indented as plain.Marshal does,
// to which long arrays are added whose elements are never all in memory. What writing
// comes to is known when w is flushed.
type jsonObject struct {
	w      *bufio.Writer
	indent string // of its last line
}

// begin writes v, which must not be empty, but for the end.
func (o jsonObject) begin(v any) error {
	text, err := plain.Marshal(v, o.indent)
	if err == nil {
		o.w.Write(bytes.TrimSuffix(text, []byte("\n"+o.indent+"}")))
	}
	return err
}

func (o jsonObject) end() { o.w.WriteString("\n" + o.indent + "}") }

// array begins a further member.
func (o jsonObject) array(name string) *jsonArray {
	o.w.WriteString(",\n" + o.indent + `  "` + name + `": [`)
	return &jsonArray{o.w, o.indent + "  ", false}
}

// A jsonArray is the value of a member.
type jsonArray struct {
	w      *bufio.Writer
	indent string // of its last line
	some   bool
}

// next goes to where an element begins and returns the indent of its last line.
func (a *jsonArray) next() string {
	if a.some {
		a.w.WriteByte(',')
	}
	a.some = true
	a.w.WriteString("\n" + a.indent + "  ")
	return a.indent + "  "
}

func (a *jsonArray) add(v any) error {
	text, err := plain.Marshal(v, a.next())
	if err == nil {
		_, err = a.w.Write(text)
	}
	return err
}

func (a *jsonArray) end() {
	if a.some {
		a.w.WriteString("\n" + a.indent)
	}
	a.w.WriteByte(']')
}
