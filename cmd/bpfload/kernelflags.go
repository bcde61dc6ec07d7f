// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/cilium/ebpf"
	"github.com/spf13/pflag"

	"github.com/bpfload/bpfload/loader"
)

// kernelFlags say what is known of the kernel beside what it tells itself.
type kernelFlags struct {
	btf, kconfig, token string
	workers             int
	targets             []string
}

func (k *kernelFlags) add(f *pflag.FlagSet) {
	f.StringVar(&k.btf, "btf", "", "`FILE` with the kernel's BTF, for a kernel that has none")
	f.StringVar(&k.kconfig, "kconfig", "", "`FILE` with the kernel's configuration")
	f.StringVar(&k.token, "token", "", "bpffs `DIR` whose delegation to use")
	f.StringArrayVar(&k.targets, "target", nil, "pinned program that a program traces or replaces a function of, as `PROG=PIN`")
	f.IntVar(&k.workers, "jobs", 0, "verify at most so many programs at once")
}

func (k *kernelFlags) options() (*loader.LoadOptions, error) {
	o := &loader.LoadOptions{TokenFrom: k.token, Workers: k.workers}
	for _, f := range []struct {
		name string
		to   *[]byte
	}{{k.btf, &o.KernelBTF}, {k.kconfig, &o.Kconfig}} {
		if f.name == "" {
			continue
		}
		data, err := os.ReadFile(f.name)
		if err != nil {
			return nil, err
		}
		*f.to = data
	}
	for _, s := range k.targets {
		name, pin, ok := strings.Cut(s, "=")
		if !ok || pin == "" {
			return nil, usagef("--target %s: want PROG=PIN", s)
		}
		prog, err := ebpf.LoadPinnedProgram(pin, nil)
		if err != nil {
			return nil, hinted(fmt.Errorf("--target %s: %w", s, err), "bpfload status lists what is pinned")
		}
		if o.Targets == nil {
			o.Targets = make(map[string]*ebpf.Program)
		}
		o.Targets[name] = prog
	}
	return o, nil
}
