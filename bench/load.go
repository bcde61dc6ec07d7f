// SPDX-License-Identifier: MIT

package main

import "io"

// load compares loading in process, and with what the kernel needs alone. Every
// round has fresh processes: the first load of a process differs from the others.
func (o *options) load(w io.Writer, objects []string) error {
	t := &table{
		w:     w,
		title: "Loading, in process",
		head: []string{"object", "first: bpfload ms", "libbpf ms", "cilium ms", "of libbpf", "of cilium",
			"then: bpfload ms", "libbpf ms", "cilium ms", "of libbpf", "of cilium",
			"kernel alone, 1 thread", "2 threads", "of 2 threads"},
	}
	names := []string{"ours", "libbpf", "cilium"}
	for _, object := range objects {
		var first, then [3]sample
		var floor [2]sample
		for range o.rounds {
			for i, name := range names {
				if first[i].refused != nil {
					continue
				}
				if err := o.loadFresh(name, object, &first[i], &then[i]); err != nil {
					return err
				}
			}
			if err := o.replay(object, &floor); err != nil {
				return err
			}
		}
		one, two := floorOf(&floor[0]), floorOf(&floor[1])
		t.row(name(object),
			millis(first[0].median(0)), millis(first[1].median(0)), millis(first[2].median(0)),
			ratio(first[0].median(0), first[1].median(0)), ratio(first[0].median(0), first[2].median(0)),
			millis(then[0].median(0)), millis(then[1].median(0)), millis(then[2].median(0)),
			ratio(then[0].median(0), then[1].median(0)), ratio(then[0].median(0), then[2].median(0)),
			millis(one), millis(two), ratio(then[0].median(0), two))
		t.note(object, append(names, "kernel alone"), &first[0], &first[1], &first[2], &floor[0])
	}
	t.end()
	return nil
}

func (o *options) loadFresh(name, object string, first, then *sample) error {
	w, err := o.start(name)
	if err != nil {
		return err
	}
	defer w.close()
	if err := first.add(w.ask("load 1 %s", object)); err != nil || first.refused != nil {
		return err
	}
	return then.add(w.ask("load 3 %s", object))
}

func (o *options) replay(object string, floor *[2]sample) error {
	w, err := o.start("libbpf")
	if err != nil {
		return err
	}
	defer w.close()
	for i := range floor {
		if floor[i].refused == nil {
			if err := floor[i].add(w.ask("replay %d %s", i+1, object)); err != nil {
				return err
			}
		}
	}
	return nil
}

// floorOf is the kernel's time for maps and programs.
func floorOf(s *sample) int64 {
	maps, programs := s.median(0), s.median(1)
	if maps < 0 {
		return -1
	}
	return maps + programs
}
