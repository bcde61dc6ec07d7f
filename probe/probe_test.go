// SPDX-License-Identifier: MIT

package probe

import (
	"fmt"
	"slices"
	"testing"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/kerneltest"
	"github.com/bpfload/bpfload/loader"
)

func TestAsk(t *testing.T) {
	for name, tc := range map[string]struct {
		err    error
		want   Verdict
		reason string
	}{
		"done":           {nil, Yes, ""},
		"not supported":  {fmt.Errorf("trying: %w", ebpf.ErrNotSupported), No, ""},
		"says nothing":   {unix.EINVAL, Unknown, "invalid argument"},
		"needs a target": {fmt.Errorf("trying: %w", unix.ENOENT), Unknown, "trying: no such file or directory"},
	} {
		f, err := ask("it", tc.err)
		if err != nil || f != (Feature{"it", tc.want, tc.reason}) {
			t.Errorf("%s: got %+v, %v", name, f, err)
		}
	}
}

func TestKernelReport(t *testing.T) {
	kerneltest.Root(t, "probing")
	r, err := Kernel()
	if err != nil {
		t.Fatal(err)
	}
	var uts unix.Utsname
	if err := unix.Uname(&uts); err != nil {
		t.Fatal(err)
	}
	if want := unix.ByteSliceToString(uts.Release[:]); r.Kernel != want || r.Schema != Schema {
		t.Errorf("kernel %q in schema %q, want %q", r.Kernel, r.Schema, want)
	}
	// What came when is in linux/bpf.h's history.
	for what, since := range map[string]string{"hash": "3.19", "devmap_hash": "5.4", "ringbuf": "5.8", "bloom_filter": "5.16", "user_ringbuf": "6.1", "arena": "6.9"} {
		check(t, r.MapTypes, what, since)
	}
	for what, since := range map[string]string{"socket_filter": "3.19", "xdp": "4.8", "sk_lookup": "5.9", "syscall": "5.14", "netfilter": "6.4"} {
		check(t, r.ProgramTypes, what, since)
	}
	for what, since := range map[string]string{"large programs": "5.2", "bounded loops": "5.3", "instructions v2": "4.14", "instructions v3": "5.1", "instructions v4": "6.6"} {
		check(t, r.Features, what, since)
	}
}

func check(t *testing.T, list []Feature, name, since string) {
	t.Helper()
	i := slices.IndexFunc(list, func(f Feature) bool { return f.Name == name })
	if i < 0 {
		t.Errorf("%s was not tried", name)
		return
	}
	want := No
	if kerneltest.Has(t, since) {
		want = Yes
	}
	if list[i].Supported != want {
		t.Errorf("%s: %s (%s), want %s: it came with Linux %s", name, list[i].Supported, list[i].Reason, want, since)
	}
}

// Each thing is asked for once, in the order of the file, with all that need it.
func TestKernelObjectNeeds(t *testing.T) {
	kerneltest.Root(t, "probing")
	o, err := loader.OpenFile("../testdata/bpf/core_task.o", nil)
	if err != nil {
		t.Fatal(err)
	}
	needs, err := Object(o)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, n := range needs {
		got = append(got, n.Kind+" "+n.Name)
		if n.Kind == "kernel BTF" && (n.Supported != Yes || !slices.Equal(n.By, []string{"on_exit", "typed"})) {
			t.Errorf("CO-RE: %+v", n)
		}
	}
	for _, want := range []string{"map type hash", "program type raw_tracepoint", "kernel BTF CO-RE", "helper bpf_map_update_elem for raw_tracepoint"} {
		if i := slices.Index(got, want); i < 0 || slices.Contains(got[i+1:], want) {
			t.Errorf("%q is not there once: %q", want, got)
		}
	}
}

// What no kernel has is said to be lacking.
func TestKernelObjectLacks(t *testing.T) {
	kerneltest.Root(t, "probing")
	o, err := loader.OpenFile("../testdata/bpf/extern_call.o", nil)
	if err != nil {
		t.Fatal(err)
	}
	needs, err := Object(o)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(needs, func(n Need) bool { return n.Kind == "linking" && n.Supported == No }) {
		t.Errorf("a program that cannot be linked is nowhere: %+v", needs)
	}
}
