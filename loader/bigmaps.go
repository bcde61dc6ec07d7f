// SPDX-License-Identifier: MIT

package loader

import (
	"sync"

	"github.com/cilium/ebpf"
)

// bigMap is from how many bytes on a map takes long enough to create that threads
// are worth it: the kernel clears its memory meanwhile.
const bigMap = 16 << 20

// createBig creates the big maps of a load at the same time, before their turn. A
// map that the kernel refuses is left to its turn, which knows what to do about it.
//
// Per-CPU maps are left out: the kernel's allocator makes them wait for each other,
// and two threads are slower than one.
func (l *load) createBig() {
	l.early = make(map[int]int)
	var big []*createMap
	for _, op := range l.plan.ops {
		if m, ok := op.(*createMap); ok && m.big(l) {
			big = append(big, m)
		}
	}
	if len(big) < 2 || l.workers < 2 {
		return
	}
	fds := make([]int, len(big))
	var wg sync.WaitGroup
	turns := make(chan int, len(big))
	for i := range big {
		turns <- i
	}
	close(turns)
	for range min(l.workers, len(big)) {
		wg.Go(func() {
			for i := range turns {
				fds[i] = big[i].attempt(l)
			}
		})
	}
	wg.Wait()
	for i, m := range big {
		if fds[i] >= 0 {
			l.early[m.index] = fds[i]
		}
	}
}

// big says whether a map is new, takes a lot of memory, and gets it at once.
func (op *createMap) big(l *load) bool {
	m := op.spec
	if op.given != nil || op.from != "" || op.pin != "" || m.Legacy != nil || l.opts.Replace {
		return false
	}
	switch m.Type {
	case ebpf.Array, ebpf.Hash, ebpf.LRUHash:
		return memoryOf(m, 1) >= bigMap
	}
	return false
}

// attempt creates the map if the kernel makes no difficulties, or returns -1.
func (op *createMap) attempt(l *load) int {
	a, err := mapAttr(op.spec, op.name, l.machine())
	if err != nil {
		return -1
	}
	l.describeTypes(&a, op.spec)
	l.useToken(&a.MapFlags, &a.MapTokenFD)
	fd, err := l.k.BPF(&a)
	if err != nil {
		return -1
	}
	return fd
}

// takeEarly returns the descriptor of a map that was created before its turn.
func (l *load) takeEarly(index int) (fd int, ok bool) {
	fd, ok = l.early[index]
	delete(l.early, index)
	return fd, ok
}

// dropEarly closes what was created and never had its turn.
func (l *load) dropEarly() {
	for _, fd := range l.early {
		l.k.Close(fd)
	}
	l.early = nil
}
