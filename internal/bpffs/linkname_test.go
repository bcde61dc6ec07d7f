// SPDX-License-Identifier: MIT

package bpffs_test

import (
	"testing"

	"github.com/bpfload/bpfload/internal/bpffs"
)

func TestLinkNames(t *testing.T) {
	for pin, want := range map[string]struct{ link, ofP bool }{
		"p_link":      {true, true},
		"p_link_2":    {true, true},
		"p_link_10":   {true, true},
		"p_link_1":    {},
		"p_link_-5":   {},
		"p_link_02":   {},
		"p_link_x":    {},
		"p_link_":     {},
		"p_link2":     {},
		"p_link_link": {link: true},
		"p_too_link":  {link: true},
		"pp_link":     {link: true},
		"_link":       {},
		"p":           {},
	} {
		if got := bpffs.IsLink(pin); got != want.link {
			t.Errorf("IsLink(%q) = %t", pin, got)
		}
		if got := bpffs.IsLinkOf(pin, "p"); got != want.ofP {
			t.Errorf("IsLinkOf(%q, p) = %t", pin, got)
		}
	}
	for n := 1; n < 12; n++ {
		if name := bpffs.LinkName("p", n); !bpffs.IsLinkOf(name, "p") {
			t.Errorf("%q is no link of p", name)
		}
	}
}
