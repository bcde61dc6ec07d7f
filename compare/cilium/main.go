// SPDX-License-Identifier: MIT

// Command cilium tells what cilium/ebpf reads from BPF objects (open), or what
// becomes of them when it loads them on the running kernel (load): one
// [oracle.Document] a line, one line an object.
//
// Every object is handled in a process of its own with a limit on time, and,
// for load, a private mount namespace with a private bpffs.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/bpfload/bpfload/compare/oracle"
)

const version = "cilium/ebpf v0.22.0"

func main() {
	timeout := flag.Duration("t", 10*time.Minute, "give up on an object after this long")
	inside := flag.Bool("inside", false, "handle one object in this process (used by the command itself)")
	flag.Usage = func() {
		fmt.Fprintln(os.Stderr, "usage: cilium [-t DURATION] open|load FILE...")
		flag.PrintDefaults()
	}
	flag.Parse()
	mode := flag.Arg(0)
	if flag.NArg() < 2 || mode != "open" && mode != "load" {
		flag.Usage()
		os.Exit(2)
	}
	if *inside {
		if err := handle(mode, flag.Arg(1)); err != nil {
			fmt.Fprintf(os.Stderr, "cilium: %v\n", err)
			os.Exit(3)
		}
		return
	}
	for _, file := range flag.Args()[1:] {
		line, err := apart(mode, file, *timeout)
		if err != nil {
			line = marshal(oracle.Document{Oracle: version, Mode: mode, File: file, Verdict: "crash", Error: err.Error()})
		}
		os.Stdout.Write(line)
	}
}

// handle prints the document of one object.
func handle(mode, file string) error {
	doc := oracle.Document{Oracle: version, Mode: mode, File: file}
	switch mode {
	case "open":
		open(&doc)
	case "load":
		pins, unmount, err := privateBPFFS()
		if err != nil {
			return err
		}
		load(&doc, pins)
		unmount()
	}
	_, err := os.Stdout.Write(marshal(doc))
	return err
}

func marshal(doc oracle.Document) []byte {
	line, err := json.Marshal(doc)
	if err != nil {
		panic(err) // plain data always marshals
	}
	return append(line, '\n')
}

// apart runs this command again for one object and returns its output.
func apart(mode, file string, timeout time.Duration) ([]byte, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, self, "-inside", mode, file)
	if mode == "load" {
		cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS}
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	line, err := cmd.Output()
	switch {
	case ctx.Err() != nil:
		return nil, fmt.Errorf("no result within %v", timeout)
	case errors.As(err, new(*exec.ExitError)):
		first, _, _ := bytes.Cut(stderr.Bytes(), []byte("\n"))
		return nil, fmt.Errorf("%w: %s", err, first)
	}
	return line, err
}
