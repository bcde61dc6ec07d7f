// SPDX-License-Identifier: MIT

// Pin is the least program that loads an object with github.com/cilium/ebpf and
// pins all its maps and programs: pin OBJECT DIR.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/cilium/ebpf"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: pin OBJECT DIR")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "pin:", err)
		os.Exit(1)
	}
}

func run(object, dir string) error {
	spec, err := ebpf.LoadCollectionSpec(object)
	if err != nil {
		return err
	}
	for _, m := range spec.Maps {
		m.Pinning = ebpf.PinNone
	}
	coll, err := ebpf.NewCollection(spec)
	if err != nil {
		return err
	}
	maps := filepath.Join(dir, "maps")
	if err := os.MkdirAll(maps, 0o700); err != nil {
		return err
	}
	for name, m := range coll.Maps {
		// A bpffs refuses names with a dot.
		if err := m.Pin(filepath.Join(maps, strings.ReplaceAll(name, ".", "_"))); err != nil {
			return err
		}
	}
	for name, p := range coll.Programs {
		if err := p.Pin(filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	return nil
}
