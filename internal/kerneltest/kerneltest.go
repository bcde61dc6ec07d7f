// SPDX-License-Identifier: MIT

// Package kerneltest says what the running kernel owes a kernel test.
//
// A test names what it needs and the Linux that brought it. On an older kernel the
// test is skipped; on one that should have it, its absence is a failure. Kernels
// outside of the matrix may have been built without something, which is a reason to
// skip there and nowhere else.
package kerneltest

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/kernel"
)

var running = sync.OnceValues(func() (uint32, error) { return kernel.Running().Version() })

// Version is that of the running kernel, as major<<8 | minor.
func Version(t testing.TB) uint32 {
	t.Helper()
	v, err := running()
	if err != nil {
		t.Fatal(err)
	}
	return v >> 8
}

// Has says whether the running kernel is of the given Linux, such as "5.14", or a
// later one.
func Has(t testing.TB, linux string) bool {
	t.Helper()
	return Version(t) >= number(t, linux)
}

// After says whether the running kernel is later than the given Linux.
func After(t testing.TB, linux string) bool {
	t.Helper()
	return Version(t) > number(t, linux)
}

// Need skips the test on a kernel older than the Linux that brought what it tests.
func Need(t testing.TB, linux, what string) {
	t.Helper()
	if !Has(t, linux) {
		t.Skipf("%s came with Linux %s", what, linux)
	}
}

// Matrix says whether the kernel is one of those that the matrix boots, which are
// built with all that the tests ask for: there a missing option is a failure.
func Matrix() bool { return os.Getenv("VMTEST_KERNEL") != "" }

// Without skips the test where the kernel was built or patched without what it
// needs, and fails it on a kernel of the matrix.
func Without(t testing.TB, format string, args ...any) {
	t.Helper()
	if Matrix() {
		t.Fatalf("on a kernel of the matrix: "+format, args...)
	}
	t.Skipf(format, args...)
}

// Root skips a test that takes root's privileges.
func Root(t testing.TB, what string) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip(what + " takes root")
	}
}

func number(t testing.TB, linux string) uint32 {
	t.Helper()
	var major, minor uint32
	if n, err := fmt.Sscanf(linux, "%d.%d", &major, &minor); n != 2 || err != nil {
		t.Fatalf("%q is no version of Linux", linux)
	}
	return major<<8 | minor
}

// Alone makes tests of several packages that register the same thing with the
// kernel, such as a congestion control, wait for one another.
func Alone(t testing.TB, what string) {
	t.Helper()
	f, err := os.OpenFile(filepath.Join(os.TempDir(), "bpfload-test-"+what+".lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
}
