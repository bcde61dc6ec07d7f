// SPDX-License-Identifier: MIT

package tc

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

var native = binary.NativeEndian

// A message is one rtnetlink request: the header, struct tcmsg, attributes.
type message struct{ b []byte }

const (
	headerLen = unix.SizeofNlMsghdr
	tcmsgLen  = 20
)

// newMessage starts a request on a qdisc or filter of an interface.
func newMessage(typ, flags uint16, ifindex int, handle, parent, info uint32) *message {
	m := &message{make([]byte, headerLen+tcmsgLen, 256)}
	native.PutUint16(m.b[4:], typ)
	native.PutUint16(m.b[6:], flags|unix.NLM_F_REQUEST)
	native.PutUint32(m.b[8:], 1) // sequence number: one request at a time
	m.b[headerLen] = unix.AF_UNSPEC
	native.PutUint32(m.b[headerLen+4:], uint32(ifindex))
	native.PutUint32(m.b[headerLen+8:], handle)
	native.PutUint32(m.b[headerLen+12:], parent)
	native.PutUint32(m.b[headerLen+16:], info)
	return m
}

// attr appends an attribute, padded to four bytes.
func (m *message) attr(typ uint16, value []byte) {
	m.b = native.AppendUint16(m.b, uint16(4+len(value)))
	m.b = native.AppendUint16(m.b, typ)
	m.b = append(m.b, value...)
	for len(m.b)%4 != 0 {
		m.b = append(m.b, 0)
	}
}

func (m *message) text(typ uint16, s string) { m.attr(typ, append([]byte(s), 0)) }

func (m *message) number(typ uint16, n uint32) { m.attr(typ, native.AppendUint32(nil, n)) }

// nest appends an attribute that holds those that fill adds.
func (m *message) nest(typ uint16, fill func()) {
	at := len(m.b)
	m.attr(typ|unix.NLA_F_NESTED, nil)
	fill()
	native.PutUint16(m.b[at:], uint16(len(m.b)-at))
}

// An Error is what the kernel answered to a request on traffic control.
type Error struct {
	Errno   unix.Errno
	Message string // the kernel's own words, "" for none
}

func (e *Error) Error() string {
	if e.Message == "" {
		return e.Errno.Error()
	}
	return fmt.Sprintf("%v: %s", e.Errno, e.Message)
}

// Unwrap returns the errno.
func (e *Error) Unwrap() error { return e.Errno }

// exchange sends a request and calls each with the type and payload of every answer
// that is not an acknowledgement.
func exchange(m *message, each func(typ uint16, payload []byte)) error {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_ROUTE)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	// Only for better words: both are newer than the oldest kernel we know.
	_ = unix.SetsockoptInt(fd, unix.SOL_NETLINK, unix.NETLINK_EXT_ACK, 1)
	_ = unix.SetsockoptInt(fd, unix.SOL_NETLINK, unix.NETLINK_CAP_ACK, 1)
	native.PutUint32(m.b, uint32(len(m.b)))
	if err := unix.Sendto(fd, m.b, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return err
	}
	buf := make([]byte, 64<<10)
	for {
		n, _, err := unix.Recvfrom(fd, buf, 0)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return err
		}
		done, err := answers(buf[:n], each)
		if done || err != nil {
			return err
		}
	}
}

var errTruncated = errors.New("the kernel's answer is cut off")

// answers goes through one datagram. It says whether the request is dealt with.
func answers(b []byte, each func(uint16, []byte)) (done bool, err error) {
	for len(b) > 0 {
		if len(b) < headerLen {
			return false, errTruncated
		}
		size := int(native.Uint32(b))
		if size < headerLen || size > len(b) {
			return false, errTruncated
		}
		typ, flags, payload := native.Uint16(b[4:]), native.Uint16(b[6:]), b[headerLen:size]
		switch typ {
		case unix.NLMSG_DONE:
			return true, nil
		case unix.NLMSG_ERROR:
			return true, acknowledged(flags, payload)
		default:
			if each != nil {
				each(typ, payload)
			}
		}
		b = b[min(len(b), (size+3)&^3):]
	}
	return false, nil
}

// acknowledged reads struct nlmsgerr: 0, or a negative errno and, since Linux 4.12,
// a text.
func acknowledged(flags uint16, payload []byte) error {
	if len(payload) < 4 {
		return errTruncated
	}
	errno := unix.Errno(-int32(native.Uint32(payload)))
	if errno == 0 {
		return nil
	}
	e := &Error{Errno: errno}
	if flags&unix.NLM_F_ACK_TLVS != 0 && len(payload) >= 4+headerLen {
		rest := payload[4+headerLen:]
		if flags&unix.NLM_F_CAPPED == 0 {
			// The request itself follows its header.
			size := int(native.Uint32(payload[4:])) - headerLen
			rest = rest[min(len(rest), max(0, (size+3)&^3)):]
		}
		if text := find(rest, unix.NLMSGERR_ATTR_MSG); text != nil {
			e.Message = string(bytes.TrimRight(text, "\x00"))
		}
	}
	return e
}

// typeMask is NLA_TYPE_MASK: the two bits above are flags.
const typeMask = 0x3fff

// find returns the value of the first attribute of a type, nil if there is none.
func find(b []byte, typ uint16) []byte {
	for len(b) >= 4 {
		size := int(native.Uint16(b))
		if size < 4 || size > len(b) {
			return nil
		}
		if native.Uint16(b[2:])&typeMask == typ {
			return b[4:size:size]
		}
		b = b[min(len(b), (size+3)&^3):]
	}
	return nil
}

// number returns the value of an attribute of 32 bits, 0 if there is none.
func number(b []byte, typ uint16) uint32 {
	if v := find(b, typ); len(v) >= 4 {
		return native.Uint32(v)
	}
	return 0
}
