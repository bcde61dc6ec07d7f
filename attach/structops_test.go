// SPDX-License-Identifier: MIT

package attach_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/google/go-cmp/cmp"

	"github.com/bpfload/bpfload/attach"
	"github.com/bpfload/bpfload/internal/kerneltest"
	"github.com/bpfload/bpfload/loader"
	"github.com/bpfload/bpfload/status"
)

// TestKernelReplaceStructOps updates the link of a struct_ops variable in place.
func TestKernelReplaceStructOps(t *testing.T) {
	kerneltest.Need(t, "6.4", "links for struct_ops")
	kerneltest.Alone(t, "congestion-control")
	apart(t, func(t *testing.T, at place) {
		dir := filepath.Join(at.pins, "set")
		load := func(o *loader.LoadOptions) *status.Report {
			obj := open(t, "struct_ops_tcp")
			for _, m := range obj.Maps {
				// The variable without a link cannot be there twice.
				m.NoCreate = m.NoCreate || m.Name == "registered"
			}
			o.PinDir = dir
			l, err := obj.Load(context.Background(), o)
			if err != nil {
				t.Fatal(err)
			}
			l.Close()
			r, err := status.Read(dir)
			if err != nil {
				t.Fatal(err)
			}
			if len(r.Links) != 1 || r.Links[0].Type != "struct_ops" || r.Links[0].Map == 0 {
				t.Fatalf("links: %+v", r.Links)
			}
			return r
		}
		first := load(&loader.LoadOptions{Attach: (&attach.Options{Sections: true}).Func()})
		for i := range 3 {
			o := &loader.LoadOptions{Replace: true}
			if i == 1 {
				o.Attach = (&attach.Options{Sections: true}).Func()
			}
			r := load(o)
			if r.Links[0].ID != first.Links[0].ID {
				t.Errorf("replacement %d made another link", i)
			}
			if r.Links[0].Map == first.Links[0].Map {
				t.Errorf("replacement %d left the map that was registered", i)
			}
			first = r
		}
		// A link of ours keeps the name in use.
		pin := filepath.Join(dir, "linked")
		links, err := attach.Detach(context.Background(), pin)
		if err != nil || len(links) != 1 {
			t.Fatalf("detached %v, %v", links, err)
		}
		target, err := attach.Parse("struct_ops")
		if err != nil {
			t.Fatal(err)
		}
		if links, err = attach.Pinned(context.Background(), pin, target); err != nil || len(links) != 1 {
			t.Fatalf("attached %v, %v", links, err)
		}
		if got := attached(t, dir); !cmp.Equal(got, []string{"linked registered"}) {
			t.Errorf("attached: %v", got)
		}
	})
}

// TestKernelFreplace replaces a function of a program that is loaded.
func TestKernelFreplace(t *testing.T) {
	kerneltest.Need(t, "5.10", "freplace by target")
	if !hasProbes() {
		kerneltest.Without(t, "this kernel is built without the tracing that programs of type ext need")
	}
	apart(t, func(t *testing.T, at place) {
		target, err := open(t, "freplace_target").Load(context.Background(), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer target.Close()
		prog, err := target.Program("dispatch")
		if err != nil {
			t.Fatal(err)
		}
		o := open(t, "freplace")
		dir := filepath.Join(at.pins, "set")
		l, err := o.Load(context.Background(), &loader.LoadOptions{PinDir: dir, Targets: map[string]*ebpf.Program{"drop_all": prog},
			Attach: (&attach.Options{Sections: true}).Func()})
		if err != nil {
			t.Fatal(err)
		}
		l.Close()
		if got := attached(t, dir); len(got) != 1 {
			t.Errorf("attached: %v", got)
		}
		if _, err := os.Lstat(filepath.Join(dir, "drop_all_link")); err != nil {
			t.Error(err)
		}
	})
}
