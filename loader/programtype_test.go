// SPDX-License-Identifier: MIT

package loader

import (
	"errors"
	"strings"
	"testing"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/sys/systest"
	"github.com/bpfload/bpfload/spec"
)

// A kernel that refuses a program without a word is asked whether it knows the type
// at all, which no version number tells where the type is an option.
func TestUnknownProgramType(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(*spec.Program)
		all    bool // programs of the type are refused, not only this one
		exit   int
		want   string
		hint   string
	}{
		"an option": {func(p *spec.Program) { p.Type, p.AttachType = ebpf.LircMode2, ebpf.AttachLircMode2 }, true, 3,
			"this kernel has no program type lirc_mode2 with attach type lirc_mode2: invalid argument", "grep CONFIG_BPF_LIRC_MODE2"},
		"flags":              {func(p *spec.Program) { p.Flags = 0x20 }, true, 3, "this kernel has no program type xdp with attach type xdp and flags 0x20: invalid argument", ""},
		"the program alone":  {func(*spec.Program) {}, false, 71, `program "first": loading the program: invalid argument`, "takes other programs of this type"},
		"a type with target": {func(p *spec.Program) { p.Type, p.AttachType = ebpf.Tracing, ebpf.AttachTraceFEntry }, true, 71, "invalid argument", ""},
	} {
		t.Run(name, func(t *testing.T) {
			o := everything(t)
			first := o.Program("first")
			tc.change(first)
			k := systest.New()
			k.Reject = func(p systest.Program) (unix.Errno, string) {
				if p.Attr.ProgType == uint32(first.Type) && p.Name != "second" && (tc.all || p.Name == "first") {
					return unix.EINVAL, ""
				}
				return 0, ""
			}
			_, err := o.Load(t.Context(), on(k, LoadOptions{IgnorePins: true}))
			e := Classify(err)
			if err == nil || e.ExitCode() != tc.exit || e.Program != "first" || !strings.HasSuffix(err.Error(), tc.want) || !strings.Contains(e.Hint(), tc.hint) || !errors.Is(err, unix.EINVAL) {
				t.Errorf("exit %d: %v (%s)\nwant exit %d: %s (%s)", e.ExitCode(), err, e.Hint(), tc.exit, tc.want, tc.hint)
			}
			if open := k.Open(); len(open) > 0 {
				t.Errorf("still open: %q", open)
			}
		})
	}
}
