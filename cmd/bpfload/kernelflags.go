// SPDX-License-Identifier: MIT

package main

import (
	"os"

	"github.com/spf13/pflag"

	"github.com/bpfload/bpfload/loader"
)

// kernelFlags say what is known of the kernel beside what it tells itself.
type kernelFlags struct {
	btf, kconfig, token string
	workers             int
}

func (k *kernelFlags) add(f *pflag.FlagSet) {
	f.StringVar(&k.btf, "btf", "", "`FILE` with the kernel's BTF, for a kernel that has none")
	f.StringVar(&k.kconfig, "kconfig", "", "`FILE` with the kernel's configuration")
	f.StringVar(&k.token, "token", "", "bpffs `DIR` whose delegation to use")
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
	return o, nil
}
