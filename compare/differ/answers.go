// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/bpfload/bpfload/compare/oracle"
)

// A command is an oracle: PATH open|load FILE prints a document.
type command struct {
	name, path  string
	legacyOnly  bool // it is asked only about maps in "maps" sections
	linksAtLoad bool // it knows programs with all that they call only after load
}

// answers keeps what oracles said: the same program says the same about the
// same object on the same kernel, and loading a large corpus takes minutes.
type answers struct {
	dir     string // nothing is kept if empty
	timeout time.Duration
}

func (a answers) get(o command, mode, file string) (oracle.Document, error) {
	var doc oracle.Document
	text, err := a.keep(o, mode, file, func() ([]byte, error) { return a.output(o.path, mode, file) })
	if err == nil {
		err = json.Unmarshal(text, &doc)
	}
	return doc, err
}

// handed returns the programs that an oracle gives to the kernel.
func (a answers) handed(spy string, o command, file string) ([]handed, error) {
	text, err := a.keep(o, "handed", file, func() ([]byte, error) {
		out, err := os.CreateTemp("", "differ.*")
		if err != nil {
			return nil, err
		}
		out.Close()
		defer os.Remove(out.Name())
		if _, err := a.output(spy, out.Name(), o.path, "load", file); err != nil {
			return nil, err
		}
		return os.ReadFile(out.Name())
	})
	if err != nil {
		return nil, err
	}
	return decodeHanded(text)
}

// keep returns the answer that is there, or the one that make gives.
func (a answers) keep(o command, mode, file string, make func() ([]byte, error)) ([]byte, error) {
	kept, err := a.path(o, mode, file)
	if err != nil {
		return nil, err
	}
	if text, err := os.ReadFile(kept); kept != "" && err == nil && json.Valid(text) {
		return text, nil
	}
	text, err := make()
	if err == nil && kept != "" {
		err = os.WriteFile(kept, text, 0o644)
	}
	return text, err
}

// output runs a program that prints JSON; its exit status says nothing.
func (a answers) output(words ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*a.timeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, words[0], words[1:]...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	text, err := cmd.Output()
	if !json.Valid(text) {
		return nil, fmt.Errorf("%s: %v: %s", filepath.Base(words[0]), err, firstLine(stderr.String()))
	}
	return text, nil
}

// path names the file of an answer by everything that the answer depends on:
// libbpf makes names of maps from the object's file name.
func (a answers) path(o command, mode, file string) (string, error) {
	if a.dir == "" {
		return "", nil
	}
	if err := os.MkdirAll(a.dir, 0o755); err != nil {
		return "", err
	}
	hash := sha256.New()
	fmt.Fprintf(hash, "%s\x00%s\x00", mode, filepath.Base(file))
	for _, part := range []string{o.path, file, "/proc/sys/kernel/osrelease"} {
		in, err := os.Open(part)
		if err != nil {
			return "", err
		}
		_, err = io.Copy(hash, in)
		in.Close()
		if err != nil {
			return "", err
		}
	}
	return filepath.Join(a.dir, fmt.Sprintf("%s-%x.json", o.name, hash.Sum(nil)[:16])), nil
}
