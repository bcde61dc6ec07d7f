// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"io"
	"runtime/debug"

	"github.com/bpfload/bpfload/internal/plain"
	"github.com/bpfload/bpfload/loader"
)

// recovered makes a panic, which is a bug in bpfload, the exit code that says so: the
// runtime's own would be that of a wrong command line. What was created ends with the
// process, and a set that was not published is cleared by the next load.
func (e *env) recovered(code *int) {
	r := recover()
	if r == nil {
		return
	}
	*code = e.finish(&loader.Error{Class: loader.ClassBug, Code: "bug", Err: fmt.Errorf("a bug in bpfload: %v", r),
		Advice: "please report it with the object, the output of bpfload version and what follows"})
	io.WriteString(e.stderr, plain.Lines(string(debug.Stack())))
}
