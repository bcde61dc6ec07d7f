// SPDX-License-Identifier: MIT

package attach_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/cilium/ebpf/link"
	"github.com/google/go-cmp/cmp"

	"github.com/bpfload/bpfload/attach"
	"github.com/bpfload/bpfload/internal/kerneltest"
	"github.com/bpfload/bpfload/internal/tc"
	"github.com/bpfload/bpfload/loader"
	"github.com/bpfload/bpfload/spec"
)

// filters lists what classic filters a device has, and whether it has a clsact qdisc.
func filters(t *testing.T, device string) (programs []uint32, clsact bool) {
	t.Helper()
	index, err := tc.Index(device)
	if err != nil {
		t.Fatal(err)
	}
	for _, egress := range []bool{false, true} {
		list, _, err := tc.Filters(index, egress)
		if err != nil {
			return nil, false
		}
		for _, f := range list {
			programs = append(programs, f.Program)
		}
	}
	made, err := tc.AddClsact(index)
	if err != nil {
		t.Fatal(err)
	}
	if made {
		if err := tc.DeleteClsact(index); err != nil {
			t.Fatal(err)
		}
	}
	return programs, !made
}

// TestKernelAttachFails wants everything as it was when the last of several
// attachments fails.
func TestKernelAttachFails(t *testing.T) {
	apart(t, func(t *testing.T, at place) {
		dir := filepath.Join(at.pins, "set")
		load := func(o *loader.LoadOptions, requests ...attach.Request) error {
			o.PinDir, o.Attach = dir, (&attach.Options{Requests: requests}).Func()
			l, err := only(t, open(t, "tcx"), "old_name", "older_name").Load(context.Background(), o)
			if err == nil {
				l.Close()
			}
			return err
		}
		withMode := &loader.LoadOptions{Mode: 0o640} // which a note of a filter does not have
		good := []attach.Request{request(t, "old_name", "tc-ingress:lo"), request(t, "old_name", "tc-egress:lo")}
		bad := request(t, "older_name", "tc-ingress:no-such")

		err := load(&loader.LoadOptions{}, append(good, bad)...)
		var e *loader.Error
		if !errors.As(err, &e) || e.Code != "target-not-found" || e.Program != "older_name" {
			t.Errorf("want the missing device: %v", err)
		}
		if programs, clsact := filters(t, "lo"); len(programs) > 0 || clsact {
			t.Errorf("left behind: filters of %v, clsact %v", programs, clsact)
		}
		nothingLeft(t, at.pins)

		// The same while a set is replaced: the old programs go on.
		if err := load(withMode, good...); err != nil {
			t.Fatal(err)
		}
		before, _ := filters(t, "lo")
		if err := load(&loader.LoadOptions{Replace: true}, append(good, bad)...); !errors.As(err, &e) || e.Code != "target-not-found" {
			t.Errorf("want the missing device: %v", err)
		}
		after, _ := filters(t, "lo")
		if diff := cmp.Diff(before, after); diff != "" || len(after) != 2 {
			t.Errorf("after a replacement that failed (-before +after):\n%s", diff)
		}
		if got := attached(t, dir); len(got) != 2 {
			t.Errorf("the old set is attached to %v", got)
		}

		// A replacement without the filters' program takes them away.
		if err := load(&loader.LoadOptions{Replace: true}, good...); err != nil {
			t.Fatal(err)
		}
		l, err := only(t, open(t, "tcx"), "older_name").Load(context.Background(), &loader.LoadOptions{PinDir: dir, Replace: true})
		if err != nil {
			t.Fatal(err)
		}
		l.Close()
		if programs, clsact := filters(t, "lo"); len(programs) > 0 || clsact {
			t.Errorf("left behind: filters of %v, clsact %v", programs, clsact)
		}
		for _, name := range []string{"old_name_link", "old_name_link_2"} {
			if !slices.ContainsFunc(l.Warnings, func(w spec.Warning) bool { return w.Code == "link-ended" && w.Symbol == name }) {
				t.Errorf("nothing was said about %s: %v", name, l.Warnings)
			}
		}
	})
}

// TestKernelDeadLoad clears up the filter that a load made which was killed before it
// could publish its set.
func TestKernelDeadLoad(t *testing.T) {
	apart(t, func(t *testing.T, at place) {
		l, err := only(t, open(t, "tcx"), "older_name").Load(context.Background(), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		prog, err := l.Program("older_name")
		if err != nil {
			t.Fatal(err)
		}
		links, err := request(t, "older_name", "tc-ingress:lo").Target.Attach(&attach.Program{Program: prog, Name: "older_name"})
		if err != nil {
			t.Fatal(err)
		}
		staging := filepath.Join(at.pins, "0-bpfload-set")
		if err := os.Mkdir(staging, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := links[0].Pin(filepath.Join(staging, "older_name_link")); err != nil {
			t.Fatal(err)
		}
		if programs, _ := filters(t, "lo"); len(programs) != 1 {
			t.Fatalf("filters of %v", programs)
		}
		next, err := only(t, open(t, "tcx"), "ingress").Load(context.Background(), &loader.LoadOptions{PinDir: filepath.Join(at.pins, "set")})
		if err != nil {
			t.Fatal(err)
		}
		next.Close()
		if programs, clsact := filters(t, "lo"); len(programs) > 0 || clsact {
			t.Errorf("left behind: filters of %v, clsact %v", programs, clsact)
		}
	})
}

// TestKernelReplaceFails wants the old program back on a link that was updated already.
func TestKernelReplaceFails(t *testing.T) {
	kerneltest.Need(t, "5.9", "links for XDP")
	apart(t, func(t *testing.T, at place) {
		dir := filepath.Join(at.pins, "set")
		opts := attach.Options{Requests: []attach.Request{request(t, "count", "xdpgeneric:lo")}}
		l, err := open(t, "xdp_counters").Load(context.Background(), &loader.LoadOptions{PinDir: dir, Attach: opts.Func()})
		if err != nil {
			t.Fatal(err)
		}
		l.Close()
		program := func() uint32 {
			k, err := link.LoadPinnedLink(filepath.Join(dir, "count_link"), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer k.Close()
			a, err := attach.Describe(k)
			if err != nil {
				t.Fatal(err)
			}
			return a.Program
		}
		before, during := program(), uint32(0)
		broken := errors.New("broken")
		_, err = open(t, "xdp_counters").Load(context.Background(), &loader.LoadOptions{PinDir: dir, Replace: true,
			Attach: func(context.Context, *loader.Loaded) ([]loader.Link, error) {
				during = program()
				return nil, broken
			}})
		if !errors.Is(err, broken) {
			t.Fatal(err)
		}
		if during == before || program() != before {
			t.Errorf("the link had program %d, during the replacement %d, and has %d", before, during, program())
		}
	})
}

// TestKernelReplaceGone replaces a set whose device was taken away.
func TestKernelReplaceGone(t *testing.T) {
	kerneltest.Need(t, "5.9", "links for XDP")
	if _, err := exec.LookPath("ip"); err != nil {
		kerneltest.Without(t, "there is no ip to make network devices with")
	}
	apart(t, func(t *testing.T, at place) {
		w := newWire(t)
		defer w.close()
		dir := filepath.Join(at.pins, "set")
		opts := attach.Options{Requests: []attach.Request{request(t, "count", "xdpgeneric:there")}}
		l, err := open(t, "xdp_counters").Load(context.Background(), &loader.LoadOptions{PinDir: dir, Attach: opts.Func()})
		if err != nil {
			t.Fatal(err)
		}
		l.Close()
		if out, err := exec.Command("ip", "link", "del", "here").CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		if got := attached(t, dir); !cmp.Equal(got, []string{"count xdp:(the device is gone)"}) {
			t.Errorf("attached: %v", got)
		}
		l, err = open(t, "xdp_counters").Load(context.Background(), &loader.LoadOptions{PinDir: dir, Replace: true})
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		if len(l.Warnings) != 1 || l.Warnings[0].Code != "not-attached" || l.Programs[0].Attached || len(l.Links) != 0 {
			t.Errorf("warnings %v, attached %v, links %v", l.Warnings, l.Programs[0].Attached, l.Links)
		}
	})
}
