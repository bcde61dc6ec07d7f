// SPDX-License-Identifier: MIT

package kernel

import (
	"bytes"
	"io/fs"
)

// UnprivilegedBPF says whether processes without capabilities may load some kinds of
// programs: the sysctl kernel.unprivileged_bpf_disabled is 0. It may change at any
// time and is read each time.
func (k *Kernel) UnprivilegedBPF() bool {
	data, err := fs.ReadFile(k.fs, "proc/sys/kernel/unprivileged_bpf_disabled")
	return err == nil && bytes.Equal(bytes.TrimSpace(data), []byte("0"))
}
