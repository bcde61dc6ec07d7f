// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
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
		flag, name string
		to         *[]byte
		is         func([]byte) bool
		want       string
	}{
		{"btf", k.btf, &o.KernelBTF, isBTF, "BTF, raw or in an ELF file, such as /sys/kernel/btf/vmlinux"},
		{"kconfig", k.kconfig, &o.Kconfig, isConfig, "lines such as CONFIG_BPF=y, as in /proc/config.gz"},
	} {
		if f.name == "" {
			continue
		}
		data, err := os.ReadFile(f.name)
		if err != nil {
			return nil, fmt.Errorf("--%s: %w", f.flag, err)
		}
		if !f.is(data) {
			return nil, &loader.Error{Class: loader.ClassObject, Code: "object", Err: fmt.Errorf("--%s %s: want %s", f.flag, f.name, f.want)}
		}
		*f.to = data
	}
	if k.workers < 0 {
		return nil, usagef("--jobs=%d: want a number above 0", k.workers)
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

// isBTF tells by the first bytes. What is wrong further on is told by whoever reads it.
func isBTF(data []byte) bool {
	return bytes.HasPrefix(data, []byte("\x7fELF")) || bytes.HasPrefix(data, []byte("\x9f\xeb")) || bytes.HasPrefix(data, []byte("\xeb\x9f"))
}

// isConfig says whether there is any option in a kernel's configuration; one that is
// compressed is taken for one.
func isConfig(data []byte) bool {
	return bytes.HasPrefix(data, []byte("\x1f\x8b")) || bytes.Contains(data, []byte("CONFIG_"))
}
