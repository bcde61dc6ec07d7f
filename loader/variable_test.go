// SPDX-License-Identifier: MIT

package loader

import (
	"errors"
	"strings"
	"testing"

	"github.com/bpfload/bpfload/internal/sys/systest"
)

func TestVariables(t *testing.T) {
	o := everything(t)
	file := string(o.data)
	limit := o.Variable("limit")
	if limit == nil || limit.Section != ".rodata" || limit.Size != 4 {
		t.Fatalf("limit is %+v", limit)
	}
	if got, err := limit.JSON(); err != nil || string(got) != "42" {
		t.Errorf("limit is %s, %v", got, err)
	}
	if err := limit.Set(7); err != nil {
		t.Fatal(err)
	}
	if err := o.SetVariable("count", "0x10"); err != nil {
		t.Fatal(err)
	}
	if got, err := o.Variable("count").JSON(); err != nil || string(got) != "16" {
		t.Errorf("count is %s, %v", got, err)
	}
	if b, err := limit.Bytes(); err != nil || len(b) != 4 {
		t.Errorf("limit is % x, %v", b, err)
	}
	if string(o.data) != file {
		t.Error("setting a variable changed the bytes of the object")
	}
	k := systest.New()
	l, err := o.Load(t.Context(), on(k, LoadOptions{IgnorePins: true}))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for _, m := range l.Maps {
		want := map[string]byte{".rodata": 7, ".bss": 16}[m.Spec.Name]
		if want == 0 {
			continue
		}
		b := k.Object(m.FD()).Elems["\x00\x00\x00\x00"]
		if len(b) != 4 || b[0]+b[3] != want {
			t.Errorf("%s holds % x, want %d", m.Spec.Name, b, want)
		}
	}
}

func TestVariableErrors(t *testing.T) {
	o := everything(t)
	for name, tc := range map[string]struct {
		variable, text string
		want, hint     string
	}{
		"no such variable": {"limits", "1", `the object has no variable "limits"`, "did you mean limit"},
		"too big":          {"limit", "4294967296", "limit", ""},
		"no number":        {"limit", "many", "limit", ""},
	} {
		t.Run(name, func(t *testing.T) {
			err := o.SetVariable(tc.variable, tc.text)
			var e *Error
			if !errors.As(err, &e) || e.Class != ClassUsage || !strings.Contains(err.Error(), tc.want) || e.Hint() != tc.hint {
				t.Errorf("got %v (%+v)", err, e)
			}
		})
	}
	if got, err := o.Variable("limit").JSON(); err != nil || string(got) != "42" {
		t.Errorf("after the errors limit is %s, %v", got, err)
	}
	// A section of gigabytes is a number in the file and nothing is kept of it.
	v := o.Variable("count")
	v.Map.Place.Size, v.Map.ValueSize = 1<<32-1, 1<<32-1
	if err := v.Set(1); err == nil {
		t.Error("a variable in a section of 4 GiB was set")
	}
	if _, err := v.JSON(); err == nil {
		t.Error("a variable in a section of 4 GiB was read")
	}
	v.Map.Place.Size, v.Map.ValueSize = 4, 4
	v.Offset = 2
	if err := v.Set(1); err == nil {
		t.Error("a variable beyond its section was set")
	}
}
