// SPDX-License-Identifier: MIT

package near

import "testing"

func TestBest(t *testing.T) {
	for name, tc := range map[string]struct {
		in   string
		from []string
		want string
	}{
		"swapped":       {"laod", []string{"load", "unload"}, "load"},
		"one missing":   {"inspct", []string{"explain", "inspect"}, "inspect"},
		"nothing near":  {"frobnicate", []string{"load", "map"}, ""},
		"first of two":  {"ab", []string{"ac", "ad"}, "ac"},
		"exact is none": {"load", []string{"load"}, ""},
		"long name":     {"tcp_conect_v4", []string{"tcp_connect", "tcp_v4_connect", "tcp_close"}, "tcp_connect"},
		"empty":         {"", []string{"map"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Best(tc.in, tc.from); got != tc.want {
				t.Errorf("Best(%q, %q) = %q, want %q", tc.in, tc.from, got, tc.want)
			}
		})
	}
}
