// SPDX-License-Identifier: MIT

// Command bpfload reads, checks, loads and looks after BPF objects. Its verbs,
// exit codes and JSON documents are described by "bpfload help" and in README.md;
// the work is done by the packages of this module.
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
)

func main() {
	os.Exit(run(interruptible(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run executes one command line and returns the exit code.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) (code int) {
	out := bufio.NewWriter(stdout)
	defer out.Flush() // the document of an error
	e := &env{stdin: stdin, stdout: out, stderr: stderr}
	defer e.recovered(&code)
	root := newRoot(e, args)
	root.SetArgs(args)
	err := interrupted(ctx, root.ExecuteContext(ctx))
	// No verb looks at what became of its answer: one that nobody got is a failure.
	if lost := out.Flush(); lost != nil && (err == nil || errors.Is(err, lost)) {
		e.json = false // there is nowhere to write a document
		err = fmt.Errorf("writing the answer: %w", lost)
	}
	return e.finish(err)
}
