// SPDX-License-Identifier: MIT

package kernel

import (
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

const possibleFile = "sys/devices/system/cpu/possible"

// PossibleCPUs returns the number of CPUs that the kernel has room for: the number
// of values in an element of a per-CPU map.
func (k *Kernel) PossibleCPUs() (int, error) {
	data, err := fs.ReadFile(k.fs, possibleFile)
	if err != nil {
		return 0, fmt.Errorf("possible CPUs: %w", err)
	}
	list := strings.TrimSpace(string(data))
	n := 0
	for _, part := range strings.Split(list, ",") {
		first, last, isRange := strings.Cut(part, "-")
		if !isRange {
			last = first
		}
		lo, err1 := strconv.ParseUint(first, 10, 20)
		hi, err2 := strconv.ParseUint(last, 10, 20)
		if err1 != nil || err2 != nil || hi < lo {
			return 0, fmt.Errorf("possible CPUs: cannot read %q in /%s", list, possibleFile)
		}
		n += int(hi-lo) + 1
	}
	return n, nil
}
