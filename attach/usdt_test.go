// SPDX-License-Identifier: MIT

package attach_test

import (
	"context"
	"encoding/binary"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bpfload/bpfload/attach"
	"github.com/bpfload/bpfload/internal/bpffs"
	"github.com/bpfload/bpfload/internal/kerneltest"
	"github.com/bpfload/bpfload/loader"
	"github.com/bpfload/bpfload/spec"
)

// marked writes a program with the static probe app:start in two places. It exits with
// the value of the probe's semaphore. Its code is the function "start".
func marked(t *testing.T) string {
	t.Helper()
	if runtime.GOARCH != "amd64" {
		t.Skip("the program is in the machine code of amd64")
	}
	le := binary.LittleEndian
	const (
		text, data, notes = 0x1000, 0x2000, 0x3000 // in the file
		base              = 0x400000
	)
	code := []byte{
		0xbf, 42, 0, 0, 0, // mov $42, %edi
		0xbe, 0xf9, 0xff, 0xff, 0xff, // mov $-7, %esi
		0xba, 8, 0x20, 0x40, 0, // mov $0x402008, %edx
		0x90, 0x90, // the two places
		0x0f, 0xb7, 0x3c, 0x25, 0, 0x20, 0x40, 0, // movzwl 0x402000, %edi
		0xb8, 60, 0, 0, 0, 0x0f, 0x05, // exit
	}
	var note []byte
	for i, args := range []string{"-4@%edi -4@%esi 8@$5 2@(%rdx)", "-4@%edi -4@%esi 8@$6 2@(%rdx)"} {
		desc := le.AppendUint64(nil, base+text+15+uint64(i))
		desc = le.AppendUint64(desc, 0)
		desc = le.AppendUint64(desc, base+data)
		desc = append(desc, "app\x00start\x00"+args+"\x00"...)
		for _, v := range []uint32{8, uint32(len(desc)), 3} {
			note = le.AppendUint32(note, v)
		}
		note = append(append(note, "stapsdt\x00"...), desc...)
		for len(note)%4 != 0 {
			note = append(note, 0)
		}
	}
	names := "\x00.note.stapsdt\x00.shstrtab\x00.symtab\x00start\x00"
	symbols := make([]byte, 24)
	symbols = le.AppendUint32(symbols, 33)   // start
	symbols = append(symbols, 0x12, 0, 2, 0) // a global function, in a section that is not in the list
	symbols = le.AppendUint64(symbols, base+text)
	symbols = le.AppendUint64(symbols, uint64(len(code)))
	b := make([]byte, notes)
	copy(b, "\x7fELF\x02\x01\x01")
	for at, v := range map[int]uint16{16: 2, 18: 62, 52: 64, 54: 56, 56: 2, 58: 64, 60: 4, 62: 2} {
		le.PutUint16(b[at:], v)
	}
	le.PutUint32(b[20:], 1)
	le.PutUint64(b[24:], base+text)
	le.PutUint64(b[32:], 64)
	le.PutUint64(b[40:], uint64(notes+len(note)+len(names)+len(symbols)))
	for i, s := range []struct{ flags, at uint64 }{{5, text}, {6, data}} {
		h := b[64+56*i:]
		le.PutUint32(h, 1)
		le.PutUint32(h[4:], uint32(s.flags))
		for at, v := range map[int]uint64{8: s.at, 16: base + s.at, 24: base + s.at, 32: 0x1000, 40: 0x1000, 48: 0x1000} {
			le.PutUint64(h[at:], v)
		}
	}
	copy(b[text:], code)
	le.PutUint16(b[data+8:], 0x1234)
	b = append(append(append(b, note...), names...), symbols...)
	strs := uint64(notes + len(note))
	for _, s := range [][5]uint64{{}, {1, 7, notes, uint64(len(note))}, {15, 3, strs, uint64(len(names))}, {25, 2, strs + uint64(len(names)), uint64(len(symbols)), 2}} {
		h := make([]byte, 64)
		le.PutUint32(h, uint32(s[0]))
		le.PutUint32(h[4:], uint32(s[1]))
		le.PutUint64(h[24:], s[2])
		le.PutUint64(h[32:], s[3])
		le.PutUint32(h[40:], uint32(s[4]))
		le.PutUint64(h[56:], 24)
		b = append(b, h...)
	}
	path := filepath.Join(t.TempDir(), "marked")
	if err := os.WriteFile(path, b, 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

// exitCode runs a program.
func exitCode(t *testing.T, path string) int {
	t.Helper()
	cmd := exec.Command(path)
	if err := cmd.Run(); err != nil {
		var e *exec.ExitError
		if !errors.As(err, &e) || !e.Exited() {
			t.Fatal(err)
		}
	}
	return cmd.ProcessState.ExitCode()
}

// TestKernelUSDT attaches to static probes in a load and by the pin, runs the program
// that has them, and reads what the BPF program made of the arguments.
func TestKernelUSDT(t *testing.T) {
	kerneltest.Need(t, "5.15", "pins for probes")
	for name, multi := range map[string]bool{"a link for each": false, "one link for all": true} {
		t.Run(name, func(t *testing.T) {
			if multi {
				kerneltest.Need(t, "6.6", name)
			}
			apart(t, func(t *testing.T, at place) { usdtTest(t, at, multi) })
		})
	}
}

func usdtTest(t *testing.T, at place, multi bool) {
	path := marked(t)
	o := only(t, open(t, "usdt"), "hit")
	o.Programs[0].USDT = multi // otherwise as kernels before 6.6 have it
	if got := exitCode(t, path); got != 0 {
		t.Fatalf("the semaphore is %d before anybody listens", got)
	}
	opts := attach.Options{Requests: []attach.Request{request(t, "hit", "usdt:"+path+":app:start")}}
	dir := filepath.Join(at.pins, "set")
	l, err := o.Load(context.Background(), &loader.LoadOptions{PinDir: dir, Attach: opts.Func()})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	want := []string{"hit_link", "hit_link_2"}
	if multi {
		want = want[:1]
	}
	if diff := cmp.Diff(want, linkPins(t, dir)); diff != "" {
		t.Errorf("links (-want +got):\n%s", diff)
	}
	if got := exitCode(t, path); got == 0 {
		t.Error("the semaphore does not say that somebody listens")
	}
	values := map[string]int64{"hits": 2, "arguments": 4, "first": 42, "second": -7, "third": 6, "fourth": 0x1234}
	if diff := cmp.Diff(values, variables(t, o, l, values)); diff != "" {
		t.Errorf("the arguments (-want +got):\n%s", diff)
	}

	pin := filepath.Join(dir, "hit")
	if _, err := attach.Detach(context.Background(), pin); err != nil {
		t.Fatal(err)
	}
	l.Close()
	if got := exitCode(t, path); got != 0 {
		t.Errorf("detached, and the semaphore is %d", got)
	}
	target, err := attach.Parse("usdt:" + path + ":app:start")
	if err != nil {
		t.Fatal(err)
	}
	again, err := attach.Pinned(context.Background(), pin, target)
	if err != nil || len(again) != len(want) {
		t.Fatalf("attaching it by its pin: %v, %v", again, err)
	}
	if got := exitCode(t, path); got == 0 {
		t.Error("attached by its pin, the semaphore does not say so")
	}
	if _, err := loader.Unload(context.Background(), dir, nil); err != nil {
		t.Error(err)
	}
}

func linkPins(t *testing.T, dir string) (links []string) {
	t.Helper()
	names, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range names {
		if bpffs.IsLinkOf(n.Name(), "hit") {
			links = append(links, n.Name())
		}
	}
	return links
}

// variables reads global variables of 8 bytes.
func variables(t *testing.T, o *loader.Object, l *loader.Loaded, names map[string]int64) map[string]int64 {
	t.Helper()
	got := make(map[string]int64)
	for name := range names {
		v := o.Variable(name)
		m, err := l.Map(v.Section)
		if err != nil {
			t.Fatal(err)
		}
		data, err := m.LookupBytes(uint32(0))
		if err != nil {
			t.Fatal(err)
		}
		got[name] = int64(binary.NativeEndian.Uint64(data[v.Offset:]))
	}
	return got
}

// TestKernelUSDTErrors wants to know what is not there.
func TestKernelUSDTErrors(t *testing.T) {
	kerneltest.Need(t, "5.15", "pins for probes")
	apart(t, func(t *testing.T, at place) {
		path := marked(t)
		for name, c := range map[string]struct{ object, program, target, want string }{
			"no such probe":   {"usdt", "hit", path + ":app:stop", "no such static probe"},
			"no probes":       {"usdt", "hit", "/proc/self/exe:app:start", "has no static probes"},
			"no file":         {"usdt", "hit", "/nowhere:app:start", "no such file"},
			"without the map": {"kprobe", "read_starts", path + ":app:start", "has no map __bpf_usdt_specs"},
		} {
			o := only(t, open(t, c.object), c.program)
			opts := attach.Options{Requests: []attach.Request{request(t, c.program, "usdt:"+c.target)}}
			_, err := o.Load(context.Background(), &loader.LoadOptions{PinDir: filepath.Join(at.pins, "set"), Attach: opts.Func()})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: %v, want %q", name, err, c.want)
			}
			nothingLeft(t, at.pins)
		}
	})
}

// TestKernelUprobeSession counts that the beginning and the end of a function are
// both attached to.
func TestKernelUprobeSession(t *testing.T) {
	kerneltest.Need(t, "6.13", "sessions of user-space probes")
	apart(t, func(t *testing.T, at place) {
		exe := marked(t)
		o := only(t, open(t, "uprobe"), "anywhere")
		o.Program("anywhere").AttachType = spec.AttachTraceUprobeSession
		opts := attach.Options{Requests: []attach.Request{request(t, "anywhere", "uprobe.session:"+exe+":sta?t")}}
		dir := filepath.Join(at.pins, "set")
		l, err := o.Load(context.Background(), &loader.LoadOptions{PinDir: dir, Attach: opts.Func()})
		if err != nil {
			t.Fatal(err)
		}
		l.Close()
		if got := attached(t, dir); len(got) != 1 || !strings.HasPrefix(got[0], "anywhere uprobe.multi:") {
			t.Errorf("attached to %q", got)
		}
		if _, err := loader.Unload(context.Background(), dir, nil); err != nil {
			t.Error(err)
		}
	})
}
