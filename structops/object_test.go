// SPDX-License-Identifier: MIT

package structops_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cilium/ebpf/btf"
	"github.com/google/go-cmp/cmp"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/internal/kernel"
	"github.com/bpfload/bpfload/internal/law"
	"github.com/bpfload/bpfload/rawbtf"
	"github.com/bpfload/bpfload/structops"
)

// decodeObject reads an object; types is nil where it has no usable BTF.
func decodeObject(data []byte) (all []*structops.Ops, types *rawbtf.Spec, err error) {
	f, err := elf.Parse(data)
	if err != nil {
		return nil, nil, err
	}
	if s, ok := f.SectionNamed(".BTF"); ok {
		if types, err = rawbtf.Parse(s.Data, nil); err != nil {
			types = nil
		}
	}
	all, err = structops.Decode(f, types)
	return all, types, err
}

// The running kernel's tcp_congestion_ops lies where cilium/ebpf says it does.
func TestObjectsOnRunningKernel(t *testing.T) {
	types, err := kernel.Running().Types()
	if err != nil {
		t.Skip(err)
	}
	spec, err := btf.LoadKernelSpec()
	if err != nil {
		t.Fatal(err)
	}
	var wrapper *btf.Struct
	if err := spec.TypeByName("bpf_struct_ops_tcp_congestion_ops", &wrapper); err != nil {
		t.Skipf("the kernel has no TCP congestion control by BPF: %v", err)
	}
	member := func(s *btf.Struct, name string) btf.Member {
		for _, m := range s.Members {
			if m.Name == name {
				return m
			}
		}
		t.Fatalf("no member %s", name)
		return btf.Member{}
	}
	data := member(wrapper, "data")
	inner := data.Type.(*btf.Struct)
	name := (data.Offset + member(inner, "name").Offset).Bytes()
	files, err := filepath.Glob("../testdata/bpf/struct_ops_*.o")
	if err != nil || len(files) == 0 {
		t.Fatalf("no objects: %v", err)
	}
	for _, path := range files {
		if strings.HasSuffix(path, "-eb.o") {
			continue
		}
		file, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all, local, err := decodeObject(file)
		if err != nil || len(all) == 0 {
			t.Fatalf("%s: %d variables, %v", path, len(all), err)
		}
		for _, o := range all {
			for i := range o.Callbacks {
				o.Callbacks[i].Program = programNamed(o.Callbacks[i])
			}
			l, err := o.Match(local, types)
			if err != nil {
				t.Errorf("%s: %s: %v", path, o.Map.Name, err)
				continue
			}
			if len(l.Value) != int(wrapper.Size) || len(l.Slots) != len(o.Callbacks) {
				t.Errorf("%s: %s: %d bytes, want %d; %d slots, want %d", path, o.Map.Name, len(l.Value), wrapper.Size, len(l.Slots), len(o.Callbacks))
			}
			for i, s := range l.Slots {
				m := inner.Members[s.Member]
				if want := (data.Offset + m.Offset).Bytes(); s.Offset != want {
					t.Errorf("%s: %s: callback %d (%s) at %d, want %d", path, o.Map.Name, i, m.Name, s.Offset, want)
				}
			}
			if text, _, _ := bytes.Cut(l.Value[name:], []byte{0}); !strings.HasPrefix(string(text), "bpf") {
				t.Errorf("%s: %s: name %q", path, o.Map.Name, text)
			}
		}
	}
}

// FuzzDecode reads objects of any form: the same twice, nothing with an error, a
// located error, contents within the file.
func FuzzDecode(f *testing.F) {
	files, err := filepath.Glob("../testdata/bpf/struct_ops_*.o")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range files {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	b := newBuilder(true)
	s := b.section(".struct_ops", make([]byte, 40), variable{"x", ops(&b.btf, "my_ops"), 0, 40})
	b.Rel(s, 8, b.static, 2)
	b.BTF(&b.btf)
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		law.Memory(t, len(data), 256, func() { decodeObject(data) })
		all, types, err := decodeObject(data)
		again, _, err2 := decodeObject(data)
		law.Same(t, err, err2)
		if diff := cmp.Diff(all, again); diff != "" {
			t.Fatal(diff)
		}
		if err != nil {
			if law.Located(t, err); all != nil {
				t.Fatalf("%d variables beside %v", len(all), err)
			}
		}
		for _, o := range all {
			if len(o.Map.Contents) != int(o.Map.ValueSize) || uint64(o.Map.ValueSize) != o.Map.Place.Size {
				t.Errorf("%s: %d bytes, want %d", o.Map.Name, len(o.Map.Contents), o.Map.ValueSize)
			}
			for _, c := range o.Callbacks {
				if c.Member >= types.Type(o.Type).Vlen || c.Offset+8 > o.Map.Place.Size {
					t.Errorf("%s: callback %+v", o.Map.Name, c)
				}
			}
			// Whatever it is, it can be laid out, or not, for a kernel made of
			// the object's own types.
			if _, err := o.Match(types, kernel.NewTypes(types)); err != nil {
				if located := (*elf.Error)(nil); !errors.As(err, &located) {
					t.Errorf("%T: %v", err, err)
				}
			}
		}
	})
}
