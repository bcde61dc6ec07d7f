// SPDX-License-Identifier: MIT

package attach_test

import (
	"context"
	"encoding/binary"
	"errors"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/attach"
	"github.com/bpfload/bpfload/internal/kerneltest"
	"github.com/bpfload/bpfload/internal/sys"
	"github.com/bpfload/bpfload/loader"
	"github.com/bpfload/bpfload/status"
)

// addDevice makes a network device of a kind, in the namespace of the thread, by
// rtnetlink: RTM_NEWLINK with IFLA_IFNAME and IFLA_LINKINFO.
func addDevice(t *testing.T, name, kind string) error {
	t.Helper()
	ne := binary.NativeEndian
	attr := func(typ uint16, data []byte) []byte {
		b := ne.AppendUint16(nil, uint16(4+len(data)))
		b = append(ne.AppendUint16(b, typ), data...)
		for len(b)%4 != 0 {
			b = append(b, 0)
		}
		return b
	}
	body := make([]byte, 16) // struct ifinfomsg
	body = append(body, attr(unix.IFLA_IFNAME, append([]byte(name), 0))...)
	body = append(body, attr(unix.IFLA_LINKINFO, attr(unix.IFLA_INFO_KIND, []byte(kind)))...)
	msg := ne.AppendUint32(nil, uint32(16+len(body)))
	msg = ne.AppendUint16(msg, unix.RTM_NEWLINK)
	msg = ne.AppendUint16(msg, unix.NLM_F_REQUEST|unix.NLM_F_ACK|unix.NLM_F_CREATE|unix.NLM_F_EXCL)
	msg = append(append(msg, make([]byte, 8)...), body...)

	s, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_ROUTE)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(s)
	if err := unix.Sendto(s, msg, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		t.Fatal(err)
	}
	answer := make([]byte, 4096)
	n, _, err := unix.Recvfrom(s, answer, 0)
	if err != nil || n < 20 || ne.Uint16(answer[4:]) != unix.NLMSG_ERROR {
		t.Fatalf("an answer of %d bytes: %v", n, err)
	}
	if code := int32(ne.Uint32(answer[16:])); code != 0 {
		return unix.Errno(-code)
	}
	return nil
}

// TestKernelDevices attaches to devices that a kernel has to be able to make: the
// driver's own XDP of veth, and both sides of netkit.
func TestKernelDevices(t *testing.T) {
	for name, c := range map[string]struct {
		device, object, since, config string
		requests                      [][2]string
		want                          []string
	}{
		"native XDP": {"veth", "xdp_counters", "5.9", "CONFIG_VETH", [][2]string{{"count", "xdpdrv:dev0"}}, []string{"count xdp:dev0"}},
		"netkit": {"netkit", "tcx", "6.7", "CONFIG_NETKIT", [][2]string{{"older_name", "netkit-primary:dev0"}, {"older_name", "netkit-peer:dev0"}},
			[]string{"older_name netkit-primary:dev0", "older_name netkit-peer:nk0"}},
	} {
		t.Run(name, func(t *testing.T) {
			kerneltest.Need(t, c.since, name)
			apart(t, func(t *testing.T, at place) {
				if err := addDevice(t, "dev0", c.device); errors.Is(err, unix.EOPNOTSUPP) {
					t.Skipf("the kernel has no devices of kind %s (%s)", c.device, c.config)
				} else if err != nil {
					t.Fatal(err)
				}
				o := only(t, open(t, c.object), c.requests[0][0])
				if c.device == "netkit" {
					o.Program("older_name").AttachType = 54 // BPF_NETKIT_PRIMARY
				}
				var opts attach.Options
				for _, r := range c.requests {
					opts.Requests = append(opts.Requests, request(t, r[0], r[1]))
				}
				dir := filepath.Join(at.pins, "set")
				l, err := o.Load(context.Background(), &loader.LoadOptions{PinDir: dir, Attach: opts.Func()})
				if err != nil {
					t.Fatal(err)
				}
				l.Close()
				if diff := cmp.Diff(c.want, attached(t, dir)); diff != "" {
					t.Errorf("attached (-want +got):\n%s", diff)
				}
				// What is attached goes on with the new programs, once.
				if l, err = o.Load(context.Background(), &loader.LoadOptions{PinDir: dir, Replace: true, Attach: opts.Func()}); err != nil {
					t.Fatal(err)
				}
				l.Close()
				if diff := cmp.Diff(c.want, attached(t, dir)); diff != "" {
					t.Errorf("attached after --replace (-want +got):\n%s", diff)
				}
				if _, err := loader.Unload(context.Background(), dir, nil); err != nil {
					t.Error(err)
				}
				nothingLeft(t, at.pins)
			})
		})
	}
}

// TestKernelNoNativeXDP wants the driver that has none named as the reason.
func TestKernelNoNativeXDP(t *testing.T) {
	kerneltest.Need(t, "5.9", "links of XDP")
	apart(t, func(t *testing.T, at place) {
		opts := attach.Options{Requests: []attach.Request{request(t, "count", "xdpdrv:lo")}}
		_, err := open(t, "xdp_counters").Load(context.Background(), &loader.LoadOptions{PinDir: filepath.Join(at.pins, "set"), Attach: opts.Func()})
		var e *loader.Error
		if !errors.As(err, &e) || e.ExitCode() != 3 || e.Advice != "use xdpgeneric:lo, or xdp:lo to take whichever the driver has" {
			t.Errorf("%v, hint in %+v", err, e)
		}
		nothingLeft(t, at.pins)
	})
}

// TestKernelWithoutProc wants to be told why nobody can say what is pinned, rather than
// that nothing is.
func TestKernelWithoutProc(t *testing.T) {
	apart(t, func(t *testing.T, at place) {
		dir := filepath.Join(at.pins, "set")
		l, err := open(t, "xdp_counters").Load(context.Background(), &loader.LoadOptions{PinDir: dir})
		if err != nil {
			t.Fatal(err)
		}
		l.Close()
		if err := unix.Mount("none", "/proc", "tmpfs", 0, ""); err != nil {
			t.Fatal(err)
		}
		defer unix.Unmount("/proc", unix.MNT_DETACH)
		if _, err := status.Read(dir); !errors.Is(err, sys.ErrNoProc) {
			t.Errorf("status: %v", err)
		}
		if _, err := attach.Detach(context.Background(), filepath.Join(dir, "count")); !errors.Is(err, sys.ErrNoProc) {
			t.Errorf("detach: %v", err)
		}
	})
}
