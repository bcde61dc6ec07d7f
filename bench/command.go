// SPDX-License-Identifier: MIT

package main

import (
	"io"
	"path/filepath"
	"strings"
)

// pins is the directory that commands pin in: on a bpffs that only they see.
const pins = "/sys/fs/bpf/bench"

// command compares whole commands, from their start to their end.
func (o *options) command(w io.Writer, objects []string) error {
	t := &table{
		w:     w,
		title: "The whole command, with pins",
		head: []string{"object", "bpfload ms", "bpftool ms", "cilium ms", "of bpftool", "of cilium",
			"CPU: bpfload ms", "bpftool ms", "cilium ms", "of bpftool", "bpf(): bpfload", "bpftool", "cilium",
			"peak KiB: bpfload", "bpftool", "cilium"},
	}
	launcher, err := o.start("run")
	if err != nil {
		return err
	}
	defer launcher.close()
	for _, object := range objects {
		object, err := filepath.Abs(object)
		if err != nil {
			return err
		}
		lines := []string{
			o.line("bpfload", "load", object, "--pin", pins),
			o.line("bpftool", "prog", "loadall", object, pins, "pinmaps", pins+"/maps"),
			o.line("pin", object, pins),
		}
		var samples, counts [3]sample
		for i, line := range lines {
			if err := counts[i].add(pinned(launcher, "count", line)); err != nil {
				return err
			}
			samples[i].refused = counts[i].refused
		}
		for range o.rounds {
			for i, line := range lines {
				if samples[i].refused != nil {
					continue
				}
				if err := samples[i].add(pinned(launcher, "time", line)); err != nil {
					return err
				}
			}
		}
		cells := []string{name(object)}
		for _, column := range []struct {
			of     [3]sample
			i      int
			format func(int64) string
		}{{samples, 0, millis}, {samples, 1, millis}, {counts, 0, number}, {samples, 2, number}} {
			for i := range column.of {
				cells = append(cells, column.format(column.of[i].median(column.i)))
			}
			switch len(cells) {
			case 4:
				cells = append(cells, ratio(samples[0].median(0), samples[1].median(0)),
					ratio(samples[0].median(0), samples[2].median(0)))
			case 9:
				cells = append(cells, ratio(samples[0].median(1), samples[1].median(1)))
			}
		}
		t.row(cells...)
		t.note(object, []string{"bpfload", "bpftool", "cilium"}, &counts[0], &counts[1], &counts[2])
	}
	t.end()
	return nil
}

// line is a command line as the launcher takes it.
func (o *options) line(program string, args ...string) string {
	return strings.Join(append([]string{filepath.Join(o.bin, program)}, args...), "\t")
}

// pinned runs a command and removes what it pinned.
func pinned(launcher *worker, verb, line string) (answer, error) {
	a, err := launcher.ask("%s\t%s", verb, line)
	if _, err := launcher.ask("clear\t%s", pins); err != nil {
		return answer{}, err
	}
	return a, err
}
