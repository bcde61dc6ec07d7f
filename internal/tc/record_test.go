// SPDX-License-Identifier: MIT

package tc

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/law"
)

func TestRecord(t *testing.T) {
	for text, want := range map[string]*Record{
		"tc-ingress:eth0,prio=49152,handle=0x1,id=17,clsact":    {Interface: "eth0", Filter: Filter{Priority: 49152, Handle: 1, Program: 17}, Clsact: true},
		"tc-egress:wg:0,prio=7,handle=0xffffffff,id=4294967295": {Interface: "wg:0", Filter: Filter{Egress: true, Priority: 7, Handle: 1<<32 - 1, Program: 1<<32 - 1}},
	} {
		got, ok := ParseRecord(text)
		if !ok {
			t.Errorf("%q is no record", text)
			continue
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
		if got.String() != text {
			t.Errorf("%q became %q", text, got)
		}
	}
	for _, text := range []string{
		"", "tc-ingress", "tc-ingress:", "tc-ingress:eth0", "tc-ingress:,handle=1", "xdp:eth0,handle=1", "/etc/passwd",
		"tc-ingress:eth0,handle=1,prio=65536", "tc-ingress:eth0,handle=x", "tc-ingress:eth0,handle=1,what=2", "tc-ingress:eth0,handle=1,",
	} {
		if r, ok := ParseRecord(text); ok {
			t.Errorf("%q is record %v", text, r)
		}
	}
}

// FuzzParseRecord reads back what it has written.
func FuzzParseRecord(f *testing.F) {
	f.Add("tc-ingress:eth0,prio=49152,handle=0x1,id=17,clsact")
	f.Fuzz(func(t *testing.T, text string) {
		law.Memory(t, len(text), 64, func() { ParseRecord(text) })
		r, ok := ParseRecord(text)
		if !ok {
			if r != nil {
				t.Errorf("a record beside a refusal: %v", r)
			}
			return
		}
		again, ok := ParseRecord(r.String())
		if !ok || *again != *r {
			t.Errorf("%q gave %v, and that %v", text, r, again)
		}
	})
}

// An answer of the kernel: a header, and a payload.
func answer(typ, flags uint16, payload ...byte) []byte {
	b := native.AppendUint32(nil, uint32(headerLen+len(payload)))
	b = native.AppendUint16(b, typ)
	b = native.AppendUint16(b, flags)
	b = append(b, make([]byte, 8)...)
	return append(b, payload...)
}

func TestAnswers(t *testing.T) {
	errno := func(e unix.Errno) []byte { return native.AppendUint32(nil, uint32(-int32(e))) }
	request := make([]byte, headerLen+8)
	native.PutUint32(request, uint32(len(request)))
	text := (&message{}).with(unix.NLMSGERR_ATTR_MSG, "no qdisc\x00")
	for name, c := range map[string]struct {
		b    []byte
		done bool
		want string
	}{
		"acknowledged":    {answer(unix.NLMSG_ERROR, 0, errno(0)...), true, ""},
		"end of list":     {answer(unix.NLMSG_DONE, 0, 0, 0, 0, 0), true, ""},
		"refused":         {answer(unix.NLMSG_ERROR, 0, errno(unix.EBUSY)...), true, "device or resource busy"},
		"with text":       {answer(unix.NLMSG_ERROR, unix.NLM_F_ACK_TLVS|unix.NLM_F_CAPPED, cat(errno(unix.EINVAL), request[:headerLen], text)...), true, "invalid argument: no qdisc"},
		"after request":   {answer(unix.NLMSG_ERROR, unix.NLM_F_ACK_TLVS, cat(errno(unix.EINVAL), request, text)...), true, "invalid argument: no qdisc"},
		"short":           {[]byte{1, 2, 3}, false, "the kernel's answer is cut off"},
		"size too large":  {append(native.AppendUint32(nil, 99), make([]byte, 12)...), false, "the kernel's answer is cut off"},
		"size too small":  {append(native.AppendUint32(nil, 3), make([]byte, 12)...), false, "the kernel's answer is cut off"},
		"no errno":        {answer(unix.NLMSG_ERROR, 0, 1), true, "the kernel's answer is cut off"},
		"something else":  {answer(unix.RTM_NEWTFILTER, 0), false, ""},
		"then the answer": {cat(answer(unix.RTM_NEWTFILTER, 0), answer(unix.NLMSG_ERROR, 0, errno(0)...)), true, ""},
	} {
		done, err := answers(c.b, func(typ uint16, payload []byte) { parseFilter(typ, payload) })
		got := ""
		if err != nil {
			got = err.Error()
		}
		if done != c.done || got != c.want {
			t.Errorf("%s: %v, %q, want %v, %q", name, done, got, c.done, c.want)
		}
	}
}

func cat(parts ...[]byte) (all []byte) {
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}

// with returns the bytes of one attribute.
func (m *message) with(typ uint16, value string) []byte {
	m.attr(typ, []byte(value))
	return m.b
}

func TestParseFilter(t *testing.T) {
	f := Filter{Ifindex: 3, Egress: true, Priority: 9, Handle: 4, Program: 77}
	m := newMessage(unix.RTM_NEWTFILTER, 0, f.Ifindex, f.Handle, f.parent(), f.info())
	m.text(attrKind, "bpf")
	m.nest(attrOptions, func() { m.number(bpfID, f.Program) })
	got, ok := parseFilter(unix.RTM_NEWTFILTER, m.b[headerLen:])
	if diff := cmp.Diff(f, got); diff != "" || !ok {
		t.Errorf("%v (-want +got):\n%s", ok, diff)
	}
	for n := range len(m.b) - headerLen {
		if _, ok := parseFilter(unix.RTM_NEWTFILTER, m.b[headerLen:headerLen+n]); ok && n < tcmsgLen+8 {
			t.Errorf("%d bytes are a filter", n)
		}
	}
}

func TestDevice(t *testing.T) {
	index, err := Index("lo")
	if err != nil {
		t.Fatal(err)
	}
	if name, err := Name(index); err != nil || name != "lo" {
		t.Errorf("device %d is %q, %v", index, name, err)
	}
	for _, name := range []string{"no-such", "", strings.Repeat("x", 64)} {
		if _, err := Index(name); !errors.Is(err, unix.ENODEV) {
			t.Errorf("Index(%q): %v", name, err)
		}
	}
	if _, err := Name(1 << 30); !errors.Is(err, unix.ENODEV) && !errors.Is(err, unix.ENXIO) {
		t.Errorf("Name of no device: %v", err)
	}
}
