// SPDX-License-Identifier: MIT

package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/bpfload/bpfload/internal/plain"
	"github.com/bpfload/bpfload/mapops"
)

// A mapList prints elements as they come, or collects them for a document.
type mapList struct {
	v       *mapVerb
	out     *bufio.Writer
	line    []byte
	entries []json.RawMessage
}

func (v *mapVerb) list() *mapList {
	return &mapList{v: v, out: bufio.NewWriter(v.e.stdout), entries: []json.RawMessage{}}
}

func (l *mapList) add(e mapops.Entry) (err error) {
	m := l.v.m
	if l.v.e.json {
		entry, err := m.AppendEntry(nil, e)
		l.entries = append(l.entries, entry)
		return err
	}
	l.line = l.line[:0]
	if !m.Keyless() {
		if l.line, err = m.FormatKey(l.line, e.Key); err != nil {
			return err
		}
		l.line = append(l.line, ": "...)
	}
	if l.line, err = m.FormatValue(l.line, e.Value); err != nil {
		return err
	}
	_, err = l.out.Write(append(l.line, '\n'))
	return err
}

// end prints what there is, also after a failure, but for a document: then the
// failure is the document.
func (l *mapList) end(n int, err error) error {
	if !l.v.e.json {
		if flushErr := l.out.Flush(); err == nil {
			err = flushErr
		}
		return err
	}
	if err != nil {
		return err
	}
	d := l.v.document()
	d.Entries, d.Count = &l.entries, &n
	return l.v.e.printJSON(d)
}

func newMapDump(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "dump PIN",
		Short: "Print all elements",
		Long: `dump prints every element, one a line, as "key: value". While others change the map,
every key that stays is printed exactly once, and none twice.`,
		Example: "  bpfload map dump /sys/fs/bpf/counters/counters",
		RunE: func(cmd *cobra.Command, args []string) error {
			return e.withMap(cmd, args, true, func(v *mapVerb, rest []string) error {
				if _, err := v.operands(rest); err != nil {
					return err
				}
				l, n := v.list(), 0
				for entry, err := range v.m.All(cmd.Context()) {
					if err == nil {
						err = l.add(entry)
					}
					if err != nil {
						return l.end(n, err)
					}
					n++
				}
				return l.end(n, nil)
			})
		},
	}
}

func newMapExport(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "export PIN",
		Short: "Write all elements as JSON lines, for import",
		Long: `export writes a line that describes the map, then each element as a line of JSON.
import takes them back, into this map or another of the same sizes. Programs and maps
are given by their ids, which mean the same only until these are loaded anew.`,
		Example: "  bpfload map export /sys/fs/bpf/firewall/networks > networks.jsonl",
		RunE: func(cmd *cobra.Command, args []string) error {
			return e.withMap(cmd, args, true, func(v *mapVerb, rest []string) error {
				if _, err := v.operands(rest); err != nil {
					return err
				}
				p := e.progress("exported", int64(v.m.MaxEntries))
				defer p.clear()
				_, err := v.m.Export(cmd.Context(), e.stdout, func(n int) {
					if n%256 == 0 {
						p.show(n, int64(n))
					}
				})
				return err
			})
		},
	}
}

func newMapImport(e *env) *cobra.Command {
	f := elementFlags{cpu: -1}
	cmd := &cobra.Command{
		Use:   "import PIN [FILE]",
		Short: "Write elements from JSON lines",
		Long: `import writes elements from FILE, or standard input, each a line such as
{"key": 1, "value": 2}, or {"key": 1, "values": [...]} for a per-CPU map. Elements that
the file does not mention stay. A failure says how many were written; they stay.`,
		Example: "  bpfload map import /sys/fs/bpf/firewall/networks networks.jsonl",
		RunE: func(cmd *cobra.Command, args []string) error {
			flags, err := f.flags()
			if err != nil {
				return err
			}
			return e.withMap(cmd, args, false, func(v *mapVerb, rest []string) error {
				if len(rest) > 1 {
					return usagef("map import: one FILE at a time")
				}
				file := "-"
				if len(rest) == 1 {
					file = rest[0]
				}
				return v.importFrom(cmd, file, flags)
			})
		},
	}
	f.add(cmd.Flags(), "any, noexist (create only), exist (change only) and lock")
	return cmd
}

func (v *mapVerb) importFrom(cmd *cobra.Command, file string, flags mapops.Flags) error {
	in, size, err := v.e.input(file)
	if err != nil {
		return err
	}
	defer in.Close()
	counted := &countingReader{r: in}
	p := v.e.progress("imported", size)
	n, err := v.m.Import(cmd.Context(), counted, flags, func(n int) { p.show(n, counted.n) })
	p.clear()
	return v.did("wrote", n, 0, err)
}

// did answers a verb that writes many elements.
func (v *mapVerb) did(what string, n, of int, err error) error {
	if err != nil {
		return &partialError{error: err, did: what, done: n, of: of}
	}
	if !v.e.json {
		v.e.remark("%s %s", what, plain.Count(n, "element"))
	}
	return v.show(nil, func(d *mapDocument) { d.Count = &n }, nil)
}

// input opens a file, or standard input for "-". The size is 0 where it is not
// known.
func (e *env) input(file string) (io.ReadCloser, int64, error) {
	if file == "-" {
		return io.NopCloser(e.stdin), 0, nil
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, 0, err
	}
	st, err := f.Stat()
	if err == nil && st.IsDir() {
		err = fmt.Errorf("%s is a directory", file)
	}
	if err != nil {
		f.Close()
		return nil, 0, err
	}
	return f, st.Size(), nil
}

type countingReader struct {
	r io.Reader
	n int64
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}
