// SPDX-License-Identifier: MIT

// Command differ runs bpfload and two other readers of BPF objects over folders
// of objects and prints, field by field, where bpfload's description or verdict
// is another one. What is known and argued stands in a file of explained
// differences; with -strict, an entry there that explains nothing is an error.
//
// It exits 0 when every difference is explained, 1 when one is not or an entry
// is unused, 2 on a wrong command line.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

func main() {
	var (
		bpfload   = flag.String("bpfload", "bpfload", "the command to compare")
		libbpf    = flag.String("libbpf", "", "the dump program of libbpf/build")
		legacy    = flag.String("legacy", "", "the legacy program of libbpf/build")
		cilium    = flag.String("cilium", "", "the program of ./cilium")
		spy       = flag.String("spy", "", "the spy program: compare what is handed to the kernel, too")
		explained = flag.String("explained", "explained.txt", "file of explained differences")
		cache     = flag.String("cache", "", "folder that keeps the oracles' answers")
		match     = flag.String("match", "*", "only objects whose path ends so, * being anything")
		load      = flag.Bool("load", true, "compare the kernel's verdicts, too (needs root)")
		strict    = flag.Bool("strict", false, "fail on explanations that explain nothing, too: for all objects at once")
		verbose   = flag.Bool("v", false, "print explained differences, too")
		timeout   = flag.Duration("t", 2*time.Minute, "give up on an object after this long")
	)
	flag.Usage = func() {
		fmt.Fprintln(os.Stderr, "usage: differ [options] FOLDER...")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() == 0 {
		flag.Usage()
		os.Exit(2)
	}
	entries, err := readExplained(*explained)
	if err != nil {
		fmt.Fprintf(os.Stderr, "differ: %v\n", err)
		os.Exit(2)
	}
	run := runner{
		bpfload: *bpfload,
		answers: answers{dir: *cache, timeout: *timeout},
		load:    *load,
		spy:     *spy,
	}
	if *libbpf != "" {
		run.oracles = append(run.oracles, command{name: "libbpf", path: *libbpf, linksAtLoad: true})
	}
	if *cilium != "" {
		run.oracles = append(run.oracles, command{name: "cilium", path: *cilium})
	}
	if *legacy != "" {
		run.oracles = append(run.oracles, command{name: "legacy", path: *legacy, legacyOnly: true})
	}
	report := newReport(os.Stdout, entries, *verbose)
	for _, folder := range flag.Args() {
		objects, err := findObjects(folder)
		if err != nil {
			fmt.Fprintf(os.Stderr, "differ: %v\n", err)
			os.Exit(2)
		}
		for _, name := range objects {
			name = filepath.Join(filepath.Base(folder), name)
			if globPath(*match, name) {
				report.object(name, run.object(filepath.Join(filepath.Dir(folder), name)))
			}
		}
	}
	if !report.finish(*strict) {
		os.Exit(1)
	}
}
