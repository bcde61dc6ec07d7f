// SPDX-License-Identifier: MIT

package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// A worker is a program that answers a line with a line of three numbers.
type worker struct {
	name string
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  *bufio.Reader
}

// answer is what one line said: for workers, nanoseconds, allocations and bytes.
type answer [3]int64

// errRefused is that the worker could not do it, as opposed to being broken.
var errRefused = errors.New("cannot")

func (o *options) start(name string) (*worker, error) {
	w := &worker{name: name, cmd: exec.Command(filepath.Join(o.bin, name))}
	w.cmd.Stderr = os.Stderr
	var err error
	if w.in, err = w.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := w.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	w.out = bufio.NewReader(out)
	return w, w.cmd.Start()
}

func (w *worker) ask(format string, args ...any) (answer, error) {
	question := fmt.Sprintf(format, args...)
	if _, err := fmt.Fprintln(w.in, question); err != nil {
		return answer{}, fmt.Errorf("%s: %w", w.name, err)
	}
	line, err := w.out.ReadString('\n')
	if err != nil {
		return answer{}, fmt.Errorf("%s, asked to %s: %w", w.name, question, err)
	}
	if reason, ok := strings.CutPrefix(line, "error "); ok {
		return answer{}, fmt.Errorf("%w: %s", errRefused, strings.TrimSpace(reason))
	}
	var a answer
	if _, err := fmt.Sscan(line, &a[0], &a[1], &a[2]); err != nil {
		return answer{}, fmt.Errorf("%s, asked to %s, said %q", w.name, question, line)
	}
	return a, nil
}

func (w *worker) close() {
	w.in.Close()
	w.cmd.Wait()
}

// A sample collects answers to the same question; its zero value has none. Once
// refused it stays so.
type sample struct {
	answers []answer
	refused error
}

// add notes an answer, and returns errors other than a refusal.
func (s *sample) add(a answer, err error) error {
	if errors.Is(err, errRefused) {
		s.refused = err
		return nil
	}
	if err == nil {
		s.answers = append(s.answers, a)
	}
	return err
}

// median of the i-th numbers; -1 if there is none.
func (s *sample) median(i int) int64 {
	if s.refused != nil || len(s.answers) == 0 {
		return -1
	}
	list := make([]int64, len(s.answers))
	for j, a := range s.answers {
		list[j] = a[i]
	}
	slices.Sort(list)
	return list[len(list)/2]
}
