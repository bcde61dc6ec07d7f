// SPDX-License-Identifier: MIT

// Bench compares this project with cilium/ebpf, libbpf and bpftool on the objects
// named, and prints the comparison as tables in Markdown. The contenders take turns
// in one run, so that what else the machine does falls on all of them, and what is
// printed are medians and their ratios.
//
// What is measured:
//
//	open     bytes to description, in a process that goes on
//	load     description to descriptors, first in a process and later
//	command  bpfload load --pin, bpftool prog loadall with pinmaps, and the least
//	         program on cilium/ebpf that does the same
//	floor    the load's MAP_CREATEs and PROG_LOADs alone, issued from C
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

func main() {
	var o options
	flag.StringVar(&o.bin, "bin", "", "`directory` with the programs that the script build makes")
	flag.IntVar(&o.rounds, "rounds", 11, "how often each contender has its turn")
	parts := flag.String("parts", "open,load,command", "what to measure")
	flag.Parse()
	o.parts = strings.Split(*parts, ",")
	if o.bin == "" || flag.NArg() == 0 || o.rounds < 1 {
		fmt.Fprintln(os.Stderr, "usage: bench -bin DIR [-rounds N] [-parts open,load,command] OBJECT...")
		os.Exit(2)
	}
	if err := o.run(os.Stdout, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

type options struct {
	bin    string
	rounds int
	parts  []string
}

func (o *options) run(w io.Writer, objects []string) error {
	for _, part := range []struct {
		name    string
		measure func(*options, io.Writer, []string) error
	}{
		{"open", (*options).open},
		{"load", (*options).load},
		{"command", (*options).command},
	} {
		if !slices.Contains(o.parts, part.name) {
			continue
		}
		if err := part.measure(o, w, objects); err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
	}
	return nil
}
