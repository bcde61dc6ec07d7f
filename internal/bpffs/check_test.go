// SPDX-License-Identifier: MIT

package bpffs_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/bpfload/bpfload/internal/bpffs"
	"github.com/bpfload/bpfload/internal/sys/systest"
)

func TestCheck(t *testing.T) {
	for name, tc := range map[string]struct {
		prepare func(k *systest.Kernel)
		dir     string
		want    error
		text    string
	}{
		"new directory":        {dir: "/sys/fs/bpf/app"},
		"new directories":      {dir: "/sys/fs/bpf/a/b/c"},
		"existing":             {dir: "/sys/fs/bpf/app", prepare: func(k *systest.Kernel) { k.MakeDir("/sys/fs/bpf/app", 0o700, 0) }},
		"sticky parent":        {dir: "/sys/fs/bpf/app", prepare: func(k *systest.Kernel) { k.Chmod("/sys/fs/bpf", 0o1777) }},
		"relative":             {dir: "app", want: bpffs.ErrUnsafe, text: "app is no absolute path"},
		"dot dot":              {dir: "/sys/fs/bpf/a/../b", want: bpffs.ErrUnsafe, text: "without . and .. components"},
		"root of the bpffs":    {dir: "/sys/fs/bpf", want: bpffs.ErrUnsafe, text: "is the root of a bpffs"},
		"not a bpffs":          {dir: "/run/app", want: bpffs.ErrNotMounted, text: "is not on a bpffs"},
		"dot in the name":      {dir: "/sys/fs/bpf/app.v1", want: bpffs.ErrName, text: `/sys/fs/bpf/app.v1 has a dot in the name "app.v1"`},
		"world-writable":       {dir: "/sys/fs/bpf/w/app", prepare: func(k *systest.Kernel) { k.MakeDir("/sys/fs/bpf/w", 0o777, 0) }, want: bpffs.ErrUnsafe, text: "may be written by everybody (mode 0777)"},
		"another user's":       {dir: "/sys/fs/bpf/u/app", prepare: func(k *systest.Kernel) { k.MakeDir("/sys/fs/bpf/u", 0o700, 7) }, want: bpffs.ErrUnsafe, text: "belongs to user 7"},
		"our own, not root's":  {dir: "/sys/fs/bpf/u/app", prepare: func(k *systest.Kernel) { k.User = 7; k.MakeDir("/sys/fs/bpf/u", 0o700, 7) }},
		"symbolic link":        {dir: "/sys/fs/bpf/ip/app", prepare: func(k *systest.Kernel) { k.Symlink("tc", "/sys/fs/bpf/ip") }, want: bpffs.ErrUnsafe, text: `/sys/fs/bpf/ip is a symbolic link to "/sys/fs/bpf/tc"`},
		"line in the name":     {dir: "/sys/fs/bpf/a\nb/c", prepare: func(k *systest.Kernel) { k.Symlink("tc", "/sys/fs/bpf/a\nb") }, want: bpffs.ErrUnsafe, text: `"/sys/fs/bpf/a\nb" is a symbolic link`},
		"another user's taken": {dir: "/sys/fs/bpf/app", prepare: func(k *systest.Kernel) { k.Chmod("/sys/fs/bpf", 0o1777); k.MakeDir("/sys/fs/bpf/app", 0o700, 7) }, want: bpffs.ErrUnsafe, text: "anybody may make directories beside it"},
	} {
		t.Run(name, func(t *testing.T) {
			k := systest.New()
			if tc.prepare != nil {
				tc.prepare(k)
			}
			err := bpffs.Check(k, tc.dir)
			if !errors.Is(err, tc.want) || tc.want == nil && err != nil {
				t.Fatalf("got error %v, want %v", err, tc.want)
			}
			if err != nil && !strings.Contains(err.Error(), tc.text) {
				t.Errorf("error %q does not say %q", err, tc.text)
			}
			var e *bpffs.Error
			if err != nil && (!errors.As(err, &e) || e.Path == "") {
				t.Errorf("error %v has no path", err)
			}
		})
	}
}
