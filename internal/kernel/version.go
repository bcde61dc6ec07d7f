// SPDX-License-Identifier: MIT

package kernel

import (
	"bytes"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Uname is what uname(2) says of the kernel.
type Uname struct {
	Release, Version, Machine string
}

func uname() (Uname, error) {
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return Uname{}, fmt.Errorf("uname: %w", err)
	}
	text := func(b []byte) string {
		b, _, _ = bytes.Cut(b, []byte{0})
		return string(b)
	}
	return Uname{text(u.Release[:]), text(u.Version[:]), text(u.Machine[:])}, nil
}

// Machine returns the name that uname(2) has for the machine, such as "x86_64".
func (k *Kernel) Machine() (string, error) {
	u, err := k.uname()
	return u.Machine, err
}

// Version returns the kernel's version as programs of type kprobe state it, and as
// LINUX_KERNEL_VERSION gives it: major<<16 | minor<<8 | patch, the patch at most
// 255. Ubuntu and Debian name the upstream version that they are based on
// elsewhere than in the release.
func (k *Kernel) Version() (uint32, error) { return k.version() }

func (k *Kernel) readVersion() (uint32, error) {
	// "Ubuntu 5.4.0-12.15-generic 5.4.8"
	if sig, err := fs.ReadFile(k.fs, "proc/version_signature"); err == nil {
		if f := strings.Fields(string(sig)); len(f) >= 3 {
			if v, ok := parseVersion(f[2]); ok {
				return v, nil
			}
		}
	}
	u, err := k.uname()
	if err != nil {
		return 0, err
	}
	// "#1 SMP Debian 4.19.98-1 (2020-01-26)"
	if _, debian, ok := strings.Cut(u.Version, "Debian "); ok {
		if v, ok := parseVersion(debian); ok {
			return v, nil
		}
	}
	if v, ok := parseVersion(u.Release); ok {
		return v, nil
	}
	return 0, fmt.Errorf("kernel release %q does not begin with a version such as 6.1.0", u.Release)
}

// parseVersion reads three numbers with dots between, whatever follows them.
func parseVersion(s string) (uint32, bool) {
	var n [3]uint64
	for i := range n {
		end := 0
		for end < len(s) && s[end] >= '0' && s[end] <= '9' {
			end++
		}
		var err error
		if n[i], err = strconv.ParseUint(s[:end], 10, 16); err != nil {
			return 0, false
		}
		s = s[end:]
		if i < 2 {
			if s == "" || s[0] != '.' {
				return 0, false
			}
			s = s[1:]
		}
	}
	return uint32(n[0]<<16 + n[1]<<8 + min(n[2], 255)), true
}
