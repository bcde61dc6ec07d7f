// SPDX-License-Identifier: MIT

package loader

import (
	"testing"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/sys"
	"github.com/bpfload/bpfload/internal/sys/systest"
	"github.com/bpfload/bpfload/spec"
)

// A kernel that charges memory to a limit has the limit raised, once it was hit.
func TestMemlock(t *testing.T) {
	for release, want := range map[string]int{"5.10.0": 1, "6.18.0": 0} {
		k := systest.New()
		k.RejectMap = func(*sys.MapCreate) unix.Errno {
			if !k.Raised {
				return unix.EPERM
			}
			return 0
		}
		opts := on(k, LoadOptions{IgnorePins: true})
		opts.facts = recorded(release, nil)
		l, err := everything(t).Load(t.Context(), opts)
		if (err == nil) != (want == 1) || k.Raised != (want == 1) {
			t.Errorf("Linux %s: raised %v, %v", release, k.Raised, err)
		}
		if err == nil {
			l.Close()
		}
	}
}

// Maps of devices say EINVAL when they mean that limit.
func TestMemlockOfDevices(t *testing.T) {
	k := systest.New()
	k.RejectMap = func(*sys.MapCreate) unix.Errno {
		if !k.Raised {
			return unix.EINVAL
		}
		return 0
	}
	opts := on(k, LoadOptions{IgnorePins: true})
	opts.facts = recorded("5.10.0", nil)
	l, err := oneMap(t, func(m *spec.Map) { m.Type, m.KeyType, m.ValueType = ebpf.DevMap, 0, 0 }).Load(t.Context(), opts)
	if err != nil || !k.Raised {
		t.Fatalf("raised %v, %v", k.Raised, err)
	}
	l.Close()
}

func TestMemoryEstimate(t *testing.T) {
	for _, m := range []spec.Map{
		{Type: ebpf.Hash, KeySize: 4, ValueSize: 8, MaxEntries: 1000}, {Type: ebpf.PerCPUHash, KeySize: 4, ValueSize: 8, MaxEntries: 1000},
		{Type: ebpf.Array, ValueSize: 8, MaxEntries: 1000}, {Type: ebpf.PerCPUArray, ValueSize: 8, MaxEntries: 1000}, {Type: ebpf.RingBuf, MaxEntries: 8000},
	} {
		one, four := memoryOf(&m, 1), memoryOf(&m, 4)
		if one < 8000 || four < one {
			t.Errorf("%s: %d bytes on one CPU, %d on four", m.Type, one, four)
		}
	}
	for n, want := range map[uint64]string{12: "12 bytes", 4096: "4 KiB", 3 << 20: "3.0 MiB", 5 << 30: "5.0 GiB"} {
		if got := size(n); got != want {
			t.Errorf("size(%d) = %q, want %q", n, got, want)
		}
	}
}
