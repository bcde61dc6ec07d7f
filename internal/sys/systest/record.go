// SPDX-License-Identifier: MIT

package systest

import (
	"fmt"
	"strings"

	"github.com/cilium/ebpf"

	"github.com/bpfload/bpfload/internal/sys"
)

// text says what a command is about, without numbers that vary from run to run.
func (k *Kernel) text(attr sys.Attr) string {
	switch a := attr.(type) {
	case *sys.MapCreate:
		s := fmt.Sprintf("%s %s key=%d value=%d entries=%d", a.MapName, strings.ToLower(ebpf.MapType(a.MapType).String()), a.KeySize, a.ValueSize, a.MaxEntries)
		for _, f := range []struct {
			name  string
			value uint64
		}{{"flags", uint64(a.MapFlags)}, {"extra", a.MapExtra}, {"numa", uint64(a.NUMANode)}, {"ifindex", uint64(a.MapIfindex)},
			{"key_type", uint64(a.BTFKeyTypeID)}, {"value_type", uint64(a.BTFValueTypeID)}, {"vmlinux_type", uint64(a.BTFVmlinuxValueTypeID)}} {
			if f.value != 0 {
				s += fmt.Sprintf(" %s=%#x", f.name, f.value)
			}
		}
		if a.BTFFD != 0 {
			s += " " + k.describe(int(a.BTFFD))
		}
		if a.InnerMapFD != 0 {
			s += " inner=" + k.describe(int(a.InnerMapFD))
		}
		return s
	case *sys.ProgLoad:
		s := fmt.Sprintf("%s type=%d attach=%d insns=%d", a.ProgName, a.ProgType, a.ExpectedAttachType, a.InsnCnt)
		if a.LogLevel != 0 {
			s += fmt.Sprintf(" log=%d", a.LogLevel)
		}
		return s
	case *sys.BTFLoad:
		return fmt.Sprintf("%d bytes", a.BTFSize)
	case *sys.ObjPin:
		return k.describe(int(a.BPFFD)) + " " + a.Pathname.String()
	case *sys.ObjGet:
		return a.Pathname.String()
	case *sys.MapUpdate:
		return k.describe(int(a.MapFD))
	case *sys.MapUpdateBatch:
		return fmt.Sprintf("%s %d", k.describe(int(a.MapFD)), a.Count)
	case *sys.MapDelete:
		return k.describe(int(a.MapFD))
	case *sys.MapFreeze:
		return k.describe(int(a.MapFD))
	case *sys.ProgBindMap:
		return k.describe(int(a.ProgFD)) + " " + k.describe(int(a.MapFD))
	case *sys.ObjInfo:
		return k.describe(int(a.FD))
	case *sys.LinkCreate:
		return k.describe(int(a.ProgFD))
	case *sys.LinkUpdate:
		return k.describe(int(a.LinkFD)) + " to " + k.describe(int(a.NewFD))
	case *sys.LinkDetach:
		return k.describe(int(a.LinkFD))
	}
	return ""
}
