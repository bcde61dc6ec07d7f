// SPDX-License-Identifier: MIT

package extern_test

import (
	"fmt"
	"testing/fstest"

	"github.com/cilium/ebpf"

	"github.com/bpfload/bpfload/globals"
	"github.com/bpfload/bpfload/internal/extern"
	"github.com/bpfload/bpfload/internal/kernel"
)

// The values of an object's __kconfig variables on a recorded kernel.
func ExampleKconfig() {
	k := kernel.New(kernel.Source{FS: fstest.MapFS{
		"proc/config.gz": {Data: []byte("CONFIG_HZ=250\nCONFIG_BPF_JIT=y\n")},
	}})
	vars := []globals.KconfigVar{
		{Name: "CONFIG_HZ", Kind: globals.KconfigInt, Size: 4, Offset: 0},
		{Name: "CONFIG_BPF_JIT", Kind: globals.KconfigBool, Size: 1, Offset: 4},
		{Name: "CONFIG_X86", Kind: globals.KconfigBool, Size: 1, Offset: 5, Weak: true},
	}
	value := make([]byte, 8)
	if _, err := extern.Kconfig(value, false, vars, k); err != nil {
		fmt.Println(err)
	}
	fmt.Println(value)
	vars[2].Weak = false
	_, err := extern.Kconfig(value, false, vars, k)
	fmt.Println(err)
	// Output:
	// [250 0 0 0 1 0 0 0]
	// section ".kconfig"+0x5 (extern "CONFIG_X86"): the option is not set in the kernel's configuration: declare it __weak if it may be absent
}

// A misspelt target is answered with the nearest name.
func ExampleFindTarget() {
	k := kernel.New(kernel.Source{BTF: vmlinux().Bytes(false)})
	types, err := k.Types()
	if err != nil {
		panic(err)
	}
	_, err = extern.FindTarget(ebpf.AttachTraceRawTp, "sched_swich", types)
	fmt.Println(err)
	// Output: the kernel has no tracepoint "sched_swich"; the nearest name is "sched_switch"
}
