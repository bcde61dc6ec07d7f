// SPDX-License-Identifier: MIT

package loader

import (
	"errors"
	"strings"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/sys"
	"github.com/bpfload/bpfload/internal/sys/systest"
	"github.com/bpfload/bpfload/spec"
)

// What a refused map is told about itself.
func TestSuspect(t *testing.T) {
	for name, tc := range map[string]struct {
		m    spec.Map
		want string
	}{
		"entries":        {spec.Map{Type: ebpf.Hash, KeySize: 4, ValueSize: 4}, "max_entries is 0"},
		"storage":        {spec.Map{Type: ebpf.TaskStorage, MaxEntries: 1}, "max_entries must be 0"},
		"storage flags":  {spec.Map{Type: ebpf.TaskStorage}, "BPF_F_NO_PREALLOC"},
		"trie flags":     {spec.Map{Type: ebpf.LPMTrie, MaxEntries: 1, KeySize: 8}, "BPF_F_NO_PREALLOC"},
		"trie key":       {spec.Map{Type: ebpf.LPMTrie, MaxEntries: 1, KeySize: 4, Flags: 1}, "key_size is 4"},
		"array key":      {spec.Map{Type: ebpf.Array, MaxEntries: 1, KeySize: 8}, "key_size is 8, keys of type array take 4 bytes"},
		"queue key":      {spec.Map{Type: ebpf.Queue, MaxEntries: 1, KeySize: 4}, "a queue has no keys"},
		"arena":          {spec.Map{Type: ebpf.Arena, MaxEntries: 1}, "BPF_F_MMAPABLE"},
		"hash key":       {spec.Map{Type: ebpf.Hash, MaxEntries: 1}, "key_size is 0"},
		"extra":          {spec.Map{Type: ebpf.Hash, MaxEntries: 1, KeySize: 4, ValueSize: 4, Extra: 3}, "map_extra is 0x3"},
		"stack trace":    {spec.Map{Type: ebpf.StackTrace, MaxEntries: 1, KeySize: 4, ValueSize: 12}, "multiple of 8"},
		"long trie key":  {spec.Map{Type: ebpf.LPMTrie, MaxEntries: 1, KeySize: 261, Flags: 1}, "1 to 256 bytes"},
		"deep stacks":    {spec.Map{Type: ebpf.StackTrace, MaxEntries: 1, KeySize: 4, ValueSize: 8 * 128}, "perf_event_max_stack"},
		"device value":   {spec.Map{Type: ebpf.DevMapHash, MaxEntries: 1, KeySize: 4, ValueSize: 16}, "value_size is 16, values of type devmap_hash take 4 or 8"},
		"hash value":     {spec.Map{Type: ebpf.Hash, MaxEntries: 1, KeySize: 4}, "value_size is 0"},
		"storage types":  {spec.Map{Type: ebpf.SkStorage, KeySize: 4, ValueSize: 4, Flags: 1}, "needs the types"},
		"storage key":    {spec.Map{Type: ebpf.InodeStorage, KeySize: 8, ValueSize: 4, Flags: 1}, "key_size is 8"},
		"cgroup storage": {spec.Map{Type: ebpf.CGroupStorage, KeySize: 16, ValueSize: 4, MaxEntries: 1}, "must be 0 for a cgroup_storage"},
		"bloom":          {spec.Map{Type: ebpf.BloomFilter, MaxEntries: 1, ValueSize: 4, Extra: 16}, "hash functions"},
		"node":           {spec.Map{Type: ebpf.Hash, MaxEntries: 1, KeySize: 4, ValueSize: 4, Flags: 4, NUMANode: 9}, "NUMA node 9"},
		"nothing to see": {spec.Map{Type: ebpf.Hash, MaxEntries: 1, KeySize: 4, ValueSize: 4}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			cause, _ := unfit(&tc.m)
			if !strings.Contains(cause, tc.want) || tc.want == "" && cause != "" {
				t.Errorf("got %q, want %q", cause, tc.want)
			}
		})
	}
}

func TestTooBig(t *testing.T) {
	for name, tc := range map[string]struct {
		m             spec.Map
		cause, advice string
	}{
		"CPUs":        {spec.Map{Name: "cpus", Type: ebpf.CPUMap, MaxEntries: 9999}, "max_entries is 9999, more than the CPUs that the kernel was built for (possible here: 4)", "add --max-entries cpus=4"},
		"CPU values":  {spec.Map{Name: "m", Type: ebpf.PerCPUArray, MaxEntries: 1, ValueSize: 40000}, "value_size is 40000, and a value for each CPU takes at most 32768 bytes", "use a map with one value for all CPUs, or split the value"},
		"arena":       {spec.Map{Name: "m", Type: ebpf.Arena, MaxEntries: 1 << 21}, "max_entries is 2097152, and an arena takes at most 1048576 pages of 4096 bytes", "ask for fewer entries with --max-entries m=N"},
		"ring":        {spec.Map{Name: "m", Type: ebpf.RingBuf, MaxEntries: 1 << 31}, "max_entries is 2147483648 bytes, more than a ring takes", "ask for fewer entries with --max-entries m=N"},
		"hash":        {spec.Map{Name: "m", Type: ebpf.Hash, MaxEntries: 3 << 30, KeySize: 4, ValueSize: 8}, "max_entries 3221225472, key_size 4 and value_size 8 are more than the kernel takes together", "ask for fewer entries with --max-entries m=N"},
		"many values": {spec.Map{Name: "m", Type: ebpf.PerCPUHash, MaxEntries: 3 << 30, KeySize: 4, ValueSize: 8}, "max_entries 3221225472, key_size 4 and value_size 8 are more than the kernel takes together", "ask for fewer entries with --max-entries m=N"},
	} {
		if cause, advice := tooBig(&tc.m, fourCPUs); cause != tc.cause || advice != tc.advice {
			t.Errorf("%s: %q, %q\nwant %q, %q", name, cause, advice, tc.cause, tc.advice)
		}
	}
}

// oneMap is an object of which one hash is loaded.
func oneMap(t *testing.T, change func(*spec.Map)) *Object {
	t.Helper()
	o := everything(t)
	m := o.Map("a")
	for _, other := range o.Maps {
		other.NoCreate = other != m
	}
	for _, p := range o.Programs {
		p.Autoload = false
	}
	m.Type, m.MaxEntries = ebpf.Hash, 1024
	if change != nil {
		change(m)
	}
	return o
}

func TestRefusedMap(t *testing.T) {
	for name, tc := range map[string]struct {
		change  func(*spec.Map)
		errno   unix.Errno
		caps    uint64
		release string
		exit    int
		text    string
		hint    string
	}{
		"no reason":          {errno: unix.EINVAL, exit: 71, text: `map "a": creating the map: invalid argument`},
		"no entries":         {change: func(m *spec.Map) { m.MaxEntries = 0 }, errno: unix.EINVAL, exit: 71, text: "max_entries is 0", hint: "--max-entries a=N"},
		"no such type":       {change: func(m *spec.Map) { m.Type = 200 }, errno: unix.EINVAL, exit: 71, text: "map type 200 is none of Linux 7.2", hint: "enum bpf_map_type"},
		"a flag":             {change: func(m *spec.Map) { m.Type, m.Flags = ebpf.LRUHash, flagNoPrealloc }, errno: enotsupp, exit: 71, text: "map_flags has BPF_F_NO_PREALLOC, which maps of type lru_hash do not take"},
		"flags of no kernel": {change: func(m *spec.Map) { m.Flags = 1<<31 | flagBuildID }, errno: unix.EINVAL, exit: 71, text: "map_flags has BPF_F_STACK_BUILD_ID and 0x80000000, which"},
		"too big":            {errno: unix.ENOMEM, exit: 75, text: "cannot allocate memory", hint: "fewer entries with --max-entries a=N"},
		"forbidden":          {errno: unix.EPERM, exit: 4, text: "operation not permitted", hint: "lockdown"},
		"net admin":          {change: func(m *spec.Map) { m.Type = ebpf.DevMap }, errno: unix.EPERM, caps: 1 << unix.CAP_BPF, exit: 4, text: "CAP_NET_ADMIN is missing"},
		"too old":            {change: func(m *spec.Map) { m.Type = ebpf.RingBuf }, errno: unix.EINVAL, release: "5.4.0", exit: 3, text: "this kernel has no map type ringbuf (Linux 5.8 has)"},
		"old, but has it":    {errno: unix.EINVAL, release: "5.4.0", exit: 71, text: "invalid argument"},
		"descriptors":        {errno: unix.EMFILE, exit: 75, text: "too many open files"},
		"busy":               {errno: unix.EBUSY, exit: 75, text: "resource busy"},
		"unknown to us even": {errno: unix.ENODEV, exit: 71, text: "no such device"},
	} {
		t.Run(name, func(t *testing.T) {
			k := systest.New()
			k.RejectMap = func(*sys.MapCreate) unix.Errno { return tc.errno }
			opts := on(k, LoadOptions{})
			if tc.release != "" {
				opts.facts = recorded(tc.release, nil)
			}
			o := oneMap(t, tc.change)
			if tc.caps != 0 {
				// The loader looks before it leaps; here it is to see the errno.
				k.Caps = tc.caps | 1<<unix.CAP_NET_ADMIN
				k.RejectMap = func(*sys.MapCreate) unix.Errno { k.Caps = tc.caps; return tc.errno }
			}
			_, err := o.Load(t.Context(), opts)
			var e *Error
			if !errors.As(err, &e) || e.ExitCode() != tc.exit || !strings.Contains(err.Error(), tc.text) || !strings.Contains(e.Hint(), tc.hint) {
				t.Errorf("got exit %d, %v, hint %q; want %d, %q, %q", e.ExitCode(), err, e.Hint(), tc.exit, tc.text, tc.hint)
			}
			if e.Map != "a" || !errors.Is(err, tc.errno) {
				t.Errorf("the error names map %q and wraps %v", e.Map, err)
			}
		})
	}
}

// A kernel that will not have a map with its types gets it without, with a warning;
// if that does not help, the error is that of the map as the object wants it.
func TestMapConcessions(t *testing.T) {
	for name, tc := range map[string]struct {
		reject  func(*sys.MapCreate) unix.Errno
		change  func(*spec.Map)
		release string
		want    string // code of the warning
		fails   unix.Errno
	}{
		"no name, before 4.15": {release: "4.14.0", reject: func(a *sys.MapCreate) unix.Errno {
			if a.MapName != (sys.Name{}) {
				return unix.EINVAL
			}
			return 0
		}},
		"no name, but new": {reject: func(a *sys.MapCreate) unix.Errno {
			if a.MapName != (sys.Name{}) {
				return unix.EINVAL
			}
			return 0
		}, fails: unix.EINVAL},
		"not mmapable, before 5.5, and keeps its types": {release: "5.4.0", change: func(m *spec.Map) { m.Type, m.Flags = ebpf.Array, flagMmapable },
			reject: func(a *sys.MapCreate) unix.Errno {
				if a.MapFlags != 0 || a.BTFValueTypeID == 0 {
					return unix.EINVAL
				}
				return 0
			}, want: "map-not-mmapable"},
		"types": {reject: func(a *sys.MapCreate) unix.Errno {
			if a.BTFValueTypeID != 0 {
				return enotsupp
			}
			return 0
		}, want: "map-without-btf"},
		"another error": {reject: func(a *sys.MapCreate) unix.Errno {
			if a.BTFValueTypeID != 0 {
				return unix.EOPNOTSUPP
			}
			return 0
		}, fails: unix.EOPNOTSUPP},
		"hopeless": {reject: func(a *sys.MapCreate) unix.Errno {
			if a.BTFValueTypeID != 0 {
				return enotsupp
			}
			return unix.EINVAL
		}, fails: enotsupp},
	} {
		t.Run(name, func(t *testing.T) {
			k := systest.New()
			k.RejectMap = tc.reject
			opts := on(k, LoadOptions{})
			if tc.release != "" {
				opts.facts = recorded(tc.release, nil)
			}
			l, err := oneMap(t, tc.change).Load(t.Context(), opts)
			if tc.fails != 0 {
				if !errors.Is(err, tc.fails) {
					t.Errorf("got %v, want %v", err, tc.fails)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			want := []spec.Warning(nil)
			if tc.want != "" {
				want = []spec.Warning{{Code: tc.want, Symbol: "a"}}
			}
			if diff := cmp.Diff(want, l.Warnings, cmpopts.IgnoreFields(spec.Warning{}, "Section", "Offset", "Message"), cmpopts.EquateEmpty()); diff != "" {
				t.Error(diff)
			}
		})
	}
}
