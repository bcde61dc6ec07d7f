// SPDX-License-Identifier: MIT

// Command differ runs bpfload and two other readers of BPF objects over folders
// of objects and prints, field by field, where bpfload's description or verdict
// is another one. What is known and argued stands in a file of explained
// differences; an entry there that explains nothing is an error, too.
//
// It exits 0 when every difference is explained, 1 when one is not or an entry
// is unused, 2 on a wrong command line.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/bpfload/bpfload/compare/oracle"
)

func main() {
	var (
		bpfload   = flag.String("bpfload", "bpfload", "the command to judge")
		libbpf    = flag.String("libbpf", "", "the dump program of libbpf/build")
		legacy    = flag.String("legacy", "", "the legacy program of libbpf/build")
		cilium    = flag.String("cilium", "", "the program of ./cilium")
		explained = flag.String("explained", "explained.txt", "file of explained differences")
		cache     = flag.String("cache", "", "folder that keeps the oracles' answers")
		match     = flag.String("match", "*", "only objects whose path ends so, * being anything")
		load      = flag.Bool("load", true, "compare the kernel's verdicts, too (needs root)")
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
	}
	if *libbpf != "" {
		run.oracles = append(run.oracles, command{name: "libbpf", path: *libbpf, linksAtLoad: true})
	}
	if *cilium != "" {
		run.oracles = append(run.oracles, command{name: "cilium", path: *cilium})
	}
	if *legacy != "" {
		run.oracles = append(run.oracles, command{name: "legacy", path: *legacy, openOnly: true})
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
	if !report.finish() {
		os.Exit(1)
	}
}

// A runner asks everyone about one object.
type runner struct {
	bpfload string
	answers answers
	oracles []command
	load    bool
}

// A finding is what one oracle's answer differs in, or why it could not be had.
type finding struct {
	oracle string
	fields int // compared
	diffs  []difference
	failed error
}

func (r runner) object(file string) []finding {
	modes := []string{"open"}
	if r.load {
		modes = append(modes, "load")
	}
	var found []finding
	for _, mode := range modes {
		ours := ask(r.bpfload, mode, file, r.answers.timeout)
		for _, o := range r.oracles {
			if o.openOnly && mode != "open" {
				continue
			}
			f := finding{oracle: o.name}
			theirs, err := r.answers.get(o, mode, file)
			switch {
			case err != nil:
				f.failed = err
			case theirs.Verdict == "crash":
				f.failed = fmt.Errorf("%s crashed: %s", o.name, theirs.Error)
			default:
				if mode == "open" && r.load && o.linksAtLoad {
					r.addLinked(&theirs, o, file)
				}
				f.fields, f.diffs = compare(ours, theirs)
			}
			found = append(found, f)
		}
	}
	return found
}

// addLinked puts the sizes of linked programs into a description, for a reader
// that tells them only after it has loaded the object.
func (r runner) addLinked(doc *oracle.Document, o command, file string) {
	loaded, err := r.answers.get(o, "load", file)
	if err != nil {
		return
	}
	sizes := map[string]int{}
	for _, p := range loaded.Programs {
		sizes[p.Name] = p.Insns
	}
	for i := range doc.Programs {
		doc.Programs[i].Insns = sizes[doc.Programs[i].Name]
	}
}

// compare returns the number of fields that both documents have, and those
// that differ, in the order of ours and then of what only theirs has.
func compare(ours, theirs oracle.Document) (int, []difference) {
	us, them := flatten(ours), flatten(theirs)
	them.meet(us)
	count := 0
	var diffs []difference
	for _, f := range us.fields {
		value, ok := them.value(f.path)
		if !ok {
			if !them.knows(f.path) {
				continue
			}
			value = absent
		}
		count++
		if value != f.value {
			diffs = append(diffs, difference{f.path, f.value, value})
		}
	}
	for _, f := range them.fields {
		if _, ok := us.value(f.path); !ok && us.knows(f.path) {
			count++
			diffs = append(diffs, difference{f.path, absent, f.value})
		}
	}
	return count, diffs
}

// A difference is one field with two values.
type difference struct{ path, ours, theirs string }

// absent stands for a map, program or variable that one side does not have.
const absent = "-"

func (d difference) String() string {
	return strings.Join([]string{d.path, d.ours, d.theirs}, ":")
}
