// SPDX-License-Identifier: MIT

package loader

import (
	"errors"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/kernel"
)

// withCapabilities runs f on a thread of its own that has no other capabilities,
// and loses the thread.
func withCapabilities(t *testing.T, set uint64, f func()) {
	t.Helper()
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
		hdr := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
		data := [2]unix.CapUserData{
			{Effective: uint32(set), Permitted: uint32(set)},
			{Effective: uint32(set >> 32), Permitted: uint32(set >> 32)},
		}
		if err := unix.Capset(&hdr, &data[0]); err != nil {
			done <- err
			return
		}
		f()
		done <- nil
	}()
	if err := <-done; err != nil {
		t.Fatalf("dropping capabilities: %v", err)
	}
}

var capabilityBits = map[string]uint64{"CAP_BPF": 1 << unix.CAP_BPF, "CAP_PERFMON": 1 << unix.CAP_PERFMON, "CAP_NET_ADMIN": 1 << unix.CAP_NET_ADMIN}

// Each sample loads with just the capabilities that are derived from it, and without
// any one of them fails with the name of that one.
func TestKernelLeastPrivilege(t *testing.T) {
	needRoot(t)
	skipBigEndian(t)
	tried := 0
	version, err := kernel.Running().Version()
	if err != nil {
		t.Fatal(err)
	}
	old := release(version) < linux(6, 18)
	for _, name := range samples(t) {
		o, err := OpenFile(samplePath(name), nil)
		if err != nil {
			continue
		}
		// What root can load is compared: the rest is not a matter of privilege.
		opts := &LoadOptions{IgnorePins: true, Workers: 1}
		all, err := o.Load(t.Context(), opts)
		if err != nil {
			continue
		}
		all.Close()
		tried++
		names := o.Capabilities()
		var set uint64
		for _, c := range names {
			set |= capabilityBits[c]
		}
		withCapabilities(t, set, func() {
			l, err := o.Load(t.Context(), opts)
			var missing *CapabilityError
			switch {
			case err == nil:
				l.Close()
			case errors.As(err, &missing) && missing.Name == "CAP_SYS_RESOURCE":
				// Memory is charged to a limit here, which root raises.
			case errors.As(err, &missing) && missing.Name == "CAP_PERFMON" && old:
				// Verifiers of old are stricter than the instructions let guess.
			default:
				t.Errorf("%s with %q: %v", name, names, err)
			}
		})
		for _, c := range names {
			withCapabilities(t, set&^capabilityBits[c], func() {
				l, err := o.Load(t.Context(), opts)
				if err == nil {
					l.Close()
					if unprivileged(t) || c == "CAP_PERFMON" && o.neededCapabilities()&capabilityBits[c] == 0 {
						return // it was only likely to be needed
					}
				}
				var missing *CapabilityError
				if errors.As(err, &missing) && missing.Name == "CAP_SYS_RESOURCE" {
					return
				}
				var e *Error
				if !errors.As(err, &e) || e.ExitCode() != 4 || !strings.Contains(err.Error(), c+" is missing") {
					t.Errorf("%s without %s: %v", name, c, err)
				}
			})
		}
	}
	if want := enough(t); tried < want {
		t.Errorf("only %d samples were tried, want %d", tried, want)
	}
}

func unprivileged(t *testing.T) bool {
	t.Helper()
	return (&LoadOptions{}).withDefaults().ids.UnprivilegedBPF()
}
