// SPDX-License-Identifier: MIT

package attach_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bpfload/bpfload/attach"
	"github.com/bpfload/bpfload/internal/kerneltest"
	"github.com/bpfload/bpfload/loader"
)

// TestKernelTracingMulti attaches programs to all functions that match, and has them
// run.
func TestKernelTracingMulti(t *testing.T) {
	if os.Geteuid() == 0 && !kerneltest.Has(t, "7.2") {
		_, err := open(t, "fentry_multi").Load(context.Background(), nil)
		var missing *loader.FeatureError
		if !errors.As(err, &missing) || missing.Since != "7.2" {
			t.Errorf("want Linux 7.2 named: %v", err)
		}
	}
	kerneltest.Need(t, "7.2", "programs for many functions at once")
	apart(t, func(t *testing.T, at place) {
		o := open(t, "fentry_multi")
		opts := attach.Options{Sections: true}
		dir := filepath.Join(at.pins, "set")
		l, err := o.Load(context.Background(), &loader.LoadOptions{PinDir: dir, Attach: opts.Func()})
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		file := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := os.ReadFile(file); err != nil {
			t.Fatal(err)
		}
		for name, n := range variables(t, o, l, map[string]int64{"entered": 0, "left": 0, "both": 0}) {
			if n == 0 {
				t.Errorf("%s is 0", name)
			}
		}
		want := []string{"at_both tracing_multi", "at_end tracing_multi", "at_start tracing_multi"}
		if diff := cmp.Diff(want, attached(t, dir)); diff != "" {
			t.Errorf("attached (-want +got):\n%s", diff)
		}
		if _, err := loader.Unload(context.Background(), dir, nil); err != nil {
			t.Error(err)
		}
	})
}
