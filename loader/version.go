// SPDX-License-Identifier: MIT

package loader

import (
	"fmt"

	"github.com/cilium/ebpf"

	"github.com/bpfload/bpfload/spec"
)

// A release is a Linux version, as LINUX_VERSION_CODE has it.
type release uint32

func linux(major, minor uint32) release { return release(major<<16 | minor<<8) }

func (r release) String() string { return fmt.Sprintf("%d.%d", r>>16, r>>8&0xff) }

// olderThan says whether the running kernel is older than r. Distributions carry
// features back, so that this explains a refusal and never leads to one.
func (l *load) olderThan(r release) bool {
	if r == 0 {
		return false
	}
	v, err := l.facts.Version()
	return err == nil && release(v) < r
}

// mapTypeSince returns the first version with a map type, 0 where every kernel that
// can be met has it.
func mapTypeSince(t ebpf.MapType) release {
	switch t {
	case ebpf.StructOpsMap:
		return linux(5, 6)
	case ebpf.RingBuf:
		return linux(5, 8)
	case ebpf.InodeStorage:
		return linux(5, 10)
	case ebpf.TaskStorage:
		return linux(5, 11)
	case ebpf.BloomFilter:
		return linux(5, 16)
	case ebpf.UserRingbuf:
		return linux(6, 1)
	case ebpf.CgroupStorage:
		return linux(6, 2)
	case ebpf.Arena:
		return linux(6, 9)
	case spec.InsnArray:
		return linux(6, 19)
	case spec.RHash:
		return linux(7, 2)
	}
	return 0
}

// programTypeSince is the same for program types.
func programTypeSince(t ebpf.ProgramType) release {
	switch t {
	case ebpf.Tracing:
		return linux(5, 5)
	case ebpf.StructOps, ebpf.Extension:
		return linux(5, 6)
	case ebpf.LSM:
		return linux(5, 7)
	case ebpf.SkLookup:
		return linux(5, 9)
	case ebpf.Syscall:
		return linux(5, 14)
	case ebpf.Netfilter:
		return linux(6, 4)
	}
	return 0
}
