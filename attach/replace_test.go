// SPDX-License-Identifier: MIT

package attach_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/attach"
	"github.com/bpfload/bpfload/internal/kerneltest"
	"github.com/bpfload/bpfload/internal/tc"
	"github.com/bpfload/bpfload/loader"
)

// TestKernelReplaceUnderTraffic replaces a set a hundred times while packets arrive,
// and compares how many its program saw with how many passed. The counters are
// carried over from set to set, so each packet counts once, or never if it met the
// interface without its program.
func TestKernelReplaceUnderTraffic(t *testing.T) {
	kerneltest.Need(t, "5.9", "links for XDP")
	if _, err := exec.LookPath("ip"); err != nil {
		kerneltest.Without(t, "there is no ip to make network devices with")
	}
	for name, c := range map[string]trafficCase{
		"xdp": {"xdp_counters", "count", "xdpdrv:there", "counters", packetsOfArray},
		"tcx": {"tcx", "ingress", "tcx-ingress:there", "bytes", packetsOfBytes},
		"tc":  {"tcx", "older_name", "tc-ingress:there", "bytes", packetsOfBytes},
	} {
		t.Run(name, func(t *testing.T) {
			if name == "tcx" {
				kerneltest.Need(t, "6.6", name)
			}
			apart(t, c.run)
		})
	}
}

type trafficCase struct {
	object, program, target, counters string
	packets                           func(*testing.T, *ebpf.Map) uint64
}

// packetsOfArray adds up what the CPUs counted of protocols without a name.
func packetsOfArray(t *testing.T, m *ebpf.Map) uint64 {
	var all []struct{ Packets, Bytes uint64 }
	if err := m.Lookup(uint32(0), &all); err != nil {
		t.Fatal(err)
	}
	var n uint64
	for _, c := range all {
		n += c.Packets
	}
	return n
}

// packetsOfBytes says how many of our packets the bytes of all flows make.
func packetsOfBytes(t *testing.T, m *ebpf.Map) uint64 {
	var flow uint32
	var bytes, sum uint64
	for entries := m.Iterate(); entries.Next(&flow, &bytes); {
		sum += bytes
	}
	if sum%frameSize != 0 {
		t.Errorf("%d bytes are no packets of %d: somebody else sends here", sum, frameSize)
	}
	return sum / frameSize
}

func (c *trafficCase) run(t *testing.T, at place) {
	wire := newWire(t)
	defer wire.close()
	dir := filepath.Join(at.pins, "set")
	opts := attach.Options{Requests: []attach.Request{request(t, c.program, c.target)}}
	load := func(o *loader.LoadOptions) *loader.Loaded {
		o.PinDir = dir
		l, err := only(t, open(t, c.object), c.program).Load(context.Background(), o)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	first := load(&loader.LoadOptions{Attach: opts.Func()})
	counters, err := first.Map(c.counters)
	if err != nil {
		t.Fatal(err)
	}
	if counters, err = counters.Clone(); err != nil {
		t.Fatal(err)
	}
	defer counters.Close()
	first.Close()

	stop := wire.send(t)
	for i := range 100 {
		o := &loader.LoadOptions{Replace: true, Reuse: loader.ReuseCompatible}
		if i%2 == 0 {
			o.Attach = opts.Func() // which finds the link carried over
		}
		l := load(o)
		if !l.Programs[0].Attached || len(l.Links) != 1 {
			t.Fatalf("replacement %d: attached %v, %d links", i, l.Programs[0].Attached, len(l.Links))
		}
		l.Close()
	}
	sent := stop()
	passed, seen := wire.passed(t), c.packets(t, counters)
	t.Logf("%d packets sent, %d passed, %d seen by one of 101 programs", sent, passed, seen)
	if passed < 200 {
		t.Errorf("only %d packets passed: too few to mean anything", passed)
	}
	if seen != passed {
		t.Errorf("%d packets passed and the programs saw %d", passed, seen)
	}

	// The same count without a program has to tell the difference.
	if _, err := attach.Detach(context.Background(), filepath.Join(dir, c.program)); err != nil {
		t.Fatal(err)
	}
	stop = wire.send(t)
	time.Sleep(50 * time.Millisecond)
	stop()
	if wire.passed(t) == 0 || c.packets(t, counters) != seen {
		t.Errorf("without a program packets pass unseen, and this test did not notice: %d seen", c.packets(t, counters)-seen)
	}
}

// etherType is one of those that are for experiments: nobody else sends it.
const etherType = 0x88b5

// frameSize is that of our packets, in bytes.
const frameSize = 64

// A wire is a pair of network devices: what is sent into the one arrives at the other.
type wire struct {
	in, out int // sockets
	to      *unix.SockaddrLinklayer
}

func newWire(t *testing.T) *wire {
	// Nobody else is to send anything: IPv6 would, by itself.
	if err := os.WriteFile("/proc/sys/net/ipv6/conf/default/disable_ipv6", []byte("1"), 0); err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"link", "add", "here", "type", "veth", "peer", "name", "there"},
		{"link", "set", "here", "up"},
		{"link", "set", "there", "up"},
	} {
		if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
			t.Fatalf("ip %v: %v: %s", args, err, out)
		}
	}
	socket := func(device string, protocol uint16) (int, *unix.SockaddrLinklayer) {
		index, err := tc.Index(device)
		if err != nil {
			t.Fatal(err)
		}
		big := protocol<<8 | protocol>>8
		fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, int(big))
		if err != nil {
			t.Fatal(err)
		}
		to := &unix.SockaddrLinklayer{Protocol: big, Ifindex: index}
		if err := unix.Bind(fd, to); err != nil {
			t.Fatal(err)
		}
		return fd, to
	}
	w := &wire{}
	w.in, w.to = socket("here", 0)
	w.out, _ = socket("there", etherType)
	return w
}

func (w *wire) close() {
	unix.Close(w.in)
	unix.Close(w.out)
}

// send sends packets until it is told to stop, and says how many.
func (w *wire) send(t *testing.T) (stop func() uint64) {
	frame := make([]byte, frameSize)
	for i := range 6 {
		frame[i] = 0xff
	}
	frame[12], frame[13] = etherType>>8, etherType&0xff
	var ending atomic.Bool
	sent := make(chan uint64)
	go func() {
		var n uint64
		for !ending.Load() {
			switch err := unix.Sendto(w.in, frame, 0, w.to); err {
			case nil:
				n++
			case unix.ENOBUFS, unix.EAGAIN, unix.EINTR:
			default:
				t.Errorf("sending: %v", err)
				ending.Store(true)
			}
			if n%64 == 0 {
				time.Sleep(100 * time.Microsecond)
			}
		}
		sent <- n
	}()
	return func() uint64 {
		ending.Store(true)
		return <-sent
	}
}

// passed waits until nothing is on its way any more, and returns how many packets the
// other end saw since the last call.
func (w *wire) passed(t *testing.T) uint64 {
	var n uint64
	for quiet := 0; quiet < 5; {
		stats, err := unix.GetsockoptTpacketStats(w.out, unix.SOL_PACKET, unix.PACKET_STATISTICS)
		if err != nil {
			t.Fatal(err)
		}
		n += uint64(stats.Packets)
		quiet++
		if stats.Packets > 0 {
			quiet = 0
		}
		time.Sleep(10 * time.Millisecond)
	}
	return n
}
