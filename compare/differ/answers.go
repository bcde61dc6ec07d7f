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
	openOnly    bool
	linksAtLoad bool // it knows programs with all that they call only after load
}

// answers keeps what oracles said: the same program says the same about the
// same object on the same kernel, and loading a large corpus takes minutes.
type answers struct {
	dir     string // nothing is kept if empty
	timeout time.Duration
}

func (a answers) get(o command, mode, file string) (oracle.Document, error) {
	kept, err := a.path(o, mode, file)
	if err != nil {
		return oracle.Document{}, err
	}
	if text, err := os.ReadFile(kept); kept != "" && err == nil {
		if doc, err := decode(text); err == nil {
			return doc, nil
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*a.timeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, o.path, mode, file)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	text, err := cmd.Output()
	doc, badText := decode(text)
	if badText != nil {
		return doc, fmt.Errorf("%s %s: %v: %s", o.name, mode, err, firstLine(stderr.String()))
	}
	if kept != "" {
		if err := os.WriteFile(kept, text, 0o644); err != nil {
			return doc, err
		}
	}
	return doc, nil
}

func decode(text []byte) (oracle.Document, error) {
	var doc oracle.Document
	err := json.Unmarshal(text, &doc)
	return doc, err
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
