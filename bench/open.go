// SPDX-License-Identifier: MIT

package main

import (
	"io"
	"os"
	"time"
)

// turn is how long a worker opens the same object before the next has its turn.
const turn = 10 * time.Millisecond

// open compares opening objects from bytes.
func (o *options) open(w io.Writer, objects []string) error {
	t := &table{
		w:     w,
		title: "Opening, in process from bytes",
		head: []string{"object", "bytes", "bpfload µs", "libbpf µs", "cilium µs", "of libbpf", "of cilium",
			"bpfload allocs", "bytes", "limit", "cilium allocs", "bytes"},
	}
	names := []string{"ours", "libbpf", "cilium"}
	var workers [3]*worker
	for i, name := range names {
		worker, err := o.start(name)
		if err != nil {
			return err
		}
		defer worker.close()
		workers[i] = worker
	}
	for _, object := range objects {
		st, err := os.Stat(object)
		if err != nil {
			return err
		}
		var samples [3]sample
		var times [3]int64
		for i, worker := range workers {
			// Once to warm up and to see how often it fits into a turn.
			once, err := worker.ask("open 1 %s", object)
			var probe sample
			if err := probe.add(once, err); err != nil {
				return err
			}
			samples[i].refused = probe.refused
			times[i] = min(1000, 1+turn.Nanoseconds()/max(once[0], 1))
		}
		for range o.rounds {
			for i, worker := range workers {
				if samples[i].refused != nil {
					continue
				}
				if err := samples[i].add(worker.ask("open %d %s", times[i], object)); err != nil {
					return err
				}
			}
		}
		ours, libbpf, cilium := &samples[0], &samples[1], &samples[2]
		t.row(name(object), number(st.Size()),
			micros(ours.median(0)), micros(libbpf.median(0)), micros(cilium.median(0)),
			ratio(ours.median(0), libbpf.median(0)), ratio(ours.median(0), cilium.median(0)),
			number(ours.median(1)), number(ours.median(2)), number(st.Size()/4+64<<10),
			number(cilium.median(1)), number(cilium.median(2)))
		t.note(object, names, ours, libbpf, cilium)
	}
	t.end()
	return nil
}
