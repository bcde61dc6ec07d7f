// SPDX-License-Identifier: MIT

package loader

import (
	"os"
	"strings"
	"testing"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/bpffs"
	"github.com/bpfload/bpfload/internal/kernel"
	"github.com/bpfload/bpfload/internal/kerneltest"
	"github.com/bpfload/bpfload/internal/sys"
)

// mountBPFFS gives the test a bpffs of its own.
func mountBPFFS(t testing.TB) string {
	t.Helper()
	needRoot(t)
	skipBigEndian(t)
	dir := t.TempDir()
	if err := bpffs.Mount(sys.Host{}, dir); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// openFDs counts the descriptors of this process that refer to BPF objects.
func openFDs(t testing.TB) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, e := range entries {
		if target, err := os.Readlink("/proc/self/fd/" + e.Name()); err == nil && strings.Contains(target, "bpf") || strings.Contains(target, "btf") {
			n++
		}
	}
	return n
}

// enough is how many samples the running kernel loads at least.
func enough(t testing.TB) int {
	t.Helper()
	version, err := kernel.Running().Version()
	if err != nil {
		t.Fatal(err)
	}
	if release(version) < linux(6, 1) {
		return 80
	}
	return 100
}

// entriesOf lists a directory but for the two iterators of a fresh bpffs.
func entriesOf(t testing.TB, dir string) []string {
	t.Helper()
	all, err := sys.Host{}.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, name := range all {
		if name != "maps.debug" && name != "progs.debug" {
			names = append(names, name)
		}
	}
	return names
}

// total sums the packets that xdp_counters counted.
func total(t *testing.T, m *ebpf.Map) (n uint64) {
	t.Helper()
	type counter struct{ Packets, Bytes uint64 }
	var key uint32
	var values []counter
	for it := m.Iterate(); it.Next(&key, &values); {
		for _, v := range values {
			n += v.Packets
		}
	}
	return n
}

func ping(t *testing.T) {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	for range 8 {
		if err := unix.Sendto(fd, []byte("x"), 0, &unix.SockaddrInet4{Port: 9, Addr: [4]byte{127, 0, 0, 1}}); err != nil && err != unix.ECONNREFUSED {
			kerneltest.Without(t, "no packets on the loopback device: %v", err)
		}
	}
}
