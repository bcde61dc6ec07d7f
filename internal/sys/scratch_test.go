// SPDX-License-Identifier: MIT

package sys_test

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/bpfload/bpfload/internal/sys"
)

// mapped returns how many bytes of this process's address space are in use, and
// how many of them are in memory.
func mapped(t *testing.T) (size, resident int) {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Skip(err)
	}
	fields := strings.Fields(string(text))
	size, _ = strconv.Atoi(fields[0])
	resident, _ = strconv.Atoi(fields[1])
	return size * os.Getpagesize(), resident * os.Getpagesize()
}

func TestScratch(t *testing.T) {
	const n = 1 << 30
	before, residentBefore := mapped(t)
	err := sys.Scratch(n, func(b []byte) {
		if len(b) != n || b[0] != 0 || b[n-1] != 0 {
			t.Errorf("%d bytes, not all zero", len(b))
		}
		b[0], b[n/2] = 1, 1
		if size, resident := mapped(t); size-before < n || resident-residentBefore > 64<<20 {
			t.Errorf("%d bytes more are mapped, %d of them in memory", size-before, resident-residentBefore)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if size, _ := mapped(t); size-before >= n {
		t.Errorf("%d bytes are still mapped", size-before)
	}
	if err := sys.Scratch(0, func([]byte) { t.Error("used") }); err == nil {
		t.Error("nothing can be mapped")
	}
}
