// SPDX-License-Identifier: MIT

package legacy

import (
	"fmt"
	"strings"

	"github.com/bpfload/bpfload/spec"
)

// Bits of Gates.Ignore, from Android's bpf_map_def.h: where a map or program is to
// be left out.
const (
	ignoreARM32 = 1 << (3 + iota)
	ignoreARM64
	ignoreX86
	ignoreX64
	ignoreRISCV64
)

// builds are the bits of Gates.Ignore for kinds of Android builds.
var builds = [...]string{"eng", "user", "userdebug"}

// IgnoredOn says whether an Android object leaves a map or program out on a
// machine, named as uname(2) does.
func IgnoredOn(g *spec.Gates, machine string) bool {
	var bit uint32
	switch machine {
	case "aarch64", "aarch64_be":
		bit = ignoreARM64
	case "x86_64":
		bit = ignoreX64
	case "i386", "i486", "i586", "i686":
		bit = ignoreX86
	case "riscv64":
		bit = ignoreRISCV64
	default:
		if strings.HasPrefix(machine, "arm") {
			bit = ignoreARM32
		}
	}
	return g.Ignore&bit != 0
}

// Unheeded lists what an Android object's map or program asks of its loader that
// means nothing elsewhere: the versions of Android, of its loader and kinds of its
// builds that it is for, and labels of SELinux. object has the versions that the
// object as a whole is for, which need not be said again.
func Unheeded(g, object *spec.Gates) []string {
	var list []string
	if window := loaderWindow(g); window != "" && window != loaderWindow(object) {
		list = append(list, window)
	}
	switch limited := g.MaxAPI != 0 && g.MaxAPI != noMaxAPI; {
	case limited:
		list = append(list, fmt.Sprintf("API levels from %d to before %d", g.MinAPI, g.MaxAPI))
	case g.MinAPI != 0:
		list = append(list, fmt.Sprintf("API level %d or later", g.MinAPI))
	}
	var not []string
	for i, name := range builds {
		if g.Ignore&(1<<i) != 0 {
			not = append(not, name)
		}
	}
	if not != nil {
		list = append(list, "no builds of kind "+strings.Join(not, " or "))
	}
	if g.SELinux != "" {
		list = append(list, fmt.Sprintf("the SELinux context of %q", g.SELinux))
	}
	if g.Create != "" {
		list = append(list, fmt.Sprintf("a pin that is created as %q first", g.Create))
	}
	return list
}

// noMaxAPI stands for no limit in NetBpfLoad's records.
const noMaxAPI = 1<<31 - 1

// loaderWindow names the versions of bpfloader that gates ask for, "" for all.
func loaderWindow(g *spec.Gates) string {
	from, to := g.MinLoader, g.MaxLoader
	switch {
	case from == 0 && (to == 0 || to >= defaultMaxLoader):
		return ""
	case to == 0 || to >= defaultMaxLoader:
		return "bpfloader " + loaderVersion(from) + " or later"
	case from == 0:
		return "bpfloader before " + loaderVersion(to)
	}
	return "bpfloader " + loaderVersion(from) + " to before " + loaderVersion(to)
}

func loaderVersion(v uint32) string { return fmt.Sprintf("%d.%d", v>>16, v&0xffff) }
