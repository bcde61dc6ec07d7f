// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bpfload/bpfload/internal/kerneltest"
)

// story is an order in which the examples of all verbs can be run, one after the other,
// with what has to be there before.
var story = []string{
	"version", "explain", "inspect", "probe", "verify",
	"load", "status", "map", "map next", "map dump", "map pin", "detach", "attach",
	"+bpfload load examples/firewall/firewall.o --pin /sys/fs/bpf/firewall",
	"map set", "map get", "map export", "map import", "map delete",
	"map create", "map update-batch", "map delete-batch", "map freeze",
	"+bpfload map create /sys/fs/bpf/queue --type queue --value 4 --entries 4 && bpfload map set /sys/fs/bpf/queue 7",
	"map pop", "diff", "unload",
}

// TestKernelExamples runs the example of every verb as help prints it, from the top of
// the tree, on a machine with a device eth0 and nothing pinned.
func TestKernelExamples(t *testing.T) {
	kerneltest.Root(t, "loading")
	need(t, "unshare")
	need(t, "ip")
	kerneltest.Need(t, "5.9", "links of XDP")
	top, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(top, "examples/firewall/firewall.o")); err != nil {
		t.Skip("the examples are not here")
	}
	examples := map[string]string{}
	for _, cmd := range documented(wholeTree()) {
		if cmd.Example != "" {
			examples[strings.TrimPrefix(cmd.CommandPath(), "bpfload ")] = strings.TrimSpace(cmd.Example)
		}
	}
	work := t.TempDir()
	var b strings.Builder
	fmt.Fprintf(&b, "mount -t bpf bpf /sys/fs/bpf && ip link add eth0 type veth && cd %s && ln -s %s/testdata %s/examples . || exit\n", work, top, top)
	told := map[string]string{}
	for _, name := range story {
		line, ok := strings.CutPrefix(name, "+")
		if !ok {
			line = examples[name]
			told[name] = line
		}
		fmt.Fprintf(&b, "( %s\n) >out 2>&1; code=$?; [ $code = 0 ] || { echo \"exit $code:\" %q; cat out; }\n", line, line)
	}
	if diff := cmp.Diff(examples, told); diff != "" {
		t.Errorf("examples that are not run (-there +run):\n%s", diff)
	}
	out, err := exec.Command("unshare", "--mount", "--net", "--propagation=private", "sh", "-c", b.String()).CombinedOutput()
	if err != nil || len(out) > 0 {
		t.Errorf("%v\n%s", err, out)
	}
}
