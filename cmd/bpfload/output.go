// SPDX-License-Identifier: MIT

package main

import "io"

// An output remembers the first failure to write, so that a verb need not look at
// every line of its answer: one that nobody got is a failure.
type output struct {
	w   io.Writer
	err error
}

func (o *output) Write(b []byte) (int, error) {
	if o.err != nil {
		return 0, o.err
	}
	n, err := o.w.Write(b)
	o.err = err
	return n, err
}
