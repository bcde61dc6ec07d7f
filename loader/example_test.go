// SPDX-License-Identifier: MIT

package loader_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/bpfload/bpfload/loader"
)

// An object is opened, edited and planned without privileges.
func ExampleObject_Plan() {
	obj, err := loader.OpenFile("../testdata/bpf/tailcall.o", nil)
	if err != nil {
		log.Fatal(err)
	}
	obj.Map("steps").MaxEntries = 8
	plan, err := obj.Plan(&loader.LoadOptions{PinDir: "/sys/fs/bpf/parser"})
	if err != nil {
		log.Fatal(err)
	}
	for _, step := range plan.Steps()[:4] {
		fmt.Println(step)
	}
	// Output:
	// stage-pins at /sys/fs/bpf/parser: nothing may be there
	// load-btf: 1311 bytes of types, shared by all maps and programs
	// create-map steps: prog_array, key 4, value 4, 8 entries
	// create-map .bss: array, key 4, value 24, 1 entry, flags 0x400
}

func ExampleVariable_Set() {
	obj, err := loader.OpenFile("../testdata/bpf/globals.o", nil)
	if err != nil {
		log.Fatal(err)
	}
	if err := obj.Variable("u16").Set(443); err != nil {
		log.Fatal(err)
	}
	err = obj.Variable("u16").Set(70000)
	fmt.Println(err)
	value, err := obj.Variable("u16").JSON()
	fmt.Println(string(value), err)
	// Output:
	// variable "u16": 70000 does not fit __u16 (0 to 65535)
	// 443 <nil>
}

// Load needs root or capabilities. What it returns works with the link package of
// cilium/ebpf.
func ExampleObject_Load() {
	obj, err := loader.OpenFile("xdp_counters.o", nil)
	if err != nil {
		log.Fatal(err)
	}
	loaded, err := obj.Load(context.Background(), &loader.LoadOptions{PinDir: "/sys/fs/bpf/counters"})
	var failed *loader.Error
	if errors.As(err, &failed) {
		fmt.Println(failed, "-", failed.Hint())
		if failed.Class == loader.ClassAgain {
			fmt.Println("worth another try")
		}
		return
	}
	defer loaded.Close()
	prog, err := loaded.Program("count")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(prog.Type())
}

func ExampleObject_CollectionSpec() {
	obj, err := loader.OpenFile("../testdata/bpf/kfunc.o", nil)
	if err != nil {
		log.Fatal(err)
	}
	_, losses := obj.CollectionSpec()
	for _, l := range losses {
		fmt.Println(l)
	}
	// Output:
	// program "priority" is left out: the kernel function "bpf_task_from_pid" depends on the running kernel, and is resolved by unexported metadata there
	// program "priority_again" is left out: the kernel function "bpf_task_from_pid___old" depends on the running kernel, and is resolved by unexported metadata there
}
