// SPDX-License-Identifier: MIT

// Package worker is the loop of a program that opens and loads objects when told
// to, and says how long it took. The program in ../../libbpf speaks the same lines.
//
//	open N FILE   open the bytes of a file N times
//	load N FILE   open and load N times; only the loads are timed
//
// The answer is one line: nanoseconds, allocations and bytes allocated, each of
// one operation on average; or "error " and the reason.
package worker

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// A Contender is what is compared. Load returns what undoes the load.
type Contender[T any] struct {
	Open func(data []byte) (T, error)
	Load func(object T) (undo func(), err error)
}

// Serve answers lines of standard input until it ends.
func (c Contender[T]) Serve() {
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		r, err := c.answer(in.Text())
		if err != nil {
			fmt.Println("error", strings.Join(strings.Fields(err.Error()), " "))
			continue
		}
		fmt.Println(r.time.Nanoseconds(), r.allocs, r.bytes)
	}
}

// result is what operations took, or one on average.
type result struct {
	time          time.Duration
	allocs, bytes uint64
}

func (c Contender[T]) answer(line string) (result, error) {
	fields := strings.SplitN(line, " ", 3)
	if len(fields) != 3 {
		return result{}, fmt.Errorf("want a verb, a number and a file, got %q", line)
	}
	n, err := strconv.Atoi(fields[1])
	if err != nil || n < 1 {
		return result{}, fmt.Errorf("%q is no number of times", fields[1])
	}
	data, err := os.ReadFile(fields[2])
	if err != nil {
		return result{}, err
	}
	var sum result
	switch fields[0] {
	case "open":
		sum, err = c.open(data, n)
	case "load":
		sum, err = c.load(data, n)
	default:
		err = fmt.Errorf("no verb %q", fields[0])
	}
	return result{sum.time / time.Duration(n), sum.allocs / uint64(n), sum.bytes / uint64(n)}, err
}

func (c Contender[T]) open(data []byte, n int) (result, error) {
	before := memory()
	start := time.Now()
	for range n {
		if _, err := c.Open(data); err != nil {
			return result{}, err
		}
	}
	took := time.Since(start)
	after := memory()
	return result{took, after.Mallocs - before.Mallocs, after.TotalAlloc - before.TotalAlloc}, nil
}

func (c Contender[T]) load(data []byte, n int) (result, error) {
	var sum result
	for range n {
		o, err := c.Open(data)
		if err != nil {
			return result{}, err
		}
		before := memory()
		start := time.Now()
		undo, err := c.Load(o)
		sum.time += time.Since(start)
		if err != nil {
			return result{}, err
		}
		after := memory()
		sum.allocs += after.Mallocs - before.Mallocs
		sum.bytes += after.TotalAlloc - before.TotalAlloc
		undo()
	}
	return sum, nil
}

func memory() runtime.MemStats {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m
}
