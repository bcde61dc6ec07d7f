// SPDX-License-Identifier: MIT

package tc

import (
	"encoding/binary"
	"syscall"

	"golang.org/x/sys/unix"
)

// Index returns the number of a network interface, ENODEV if there is none of that
// name.
func Index(name string) (int, error) {
	req, err := unix.NewIfreq(name)
	if err != nil {
		return 0, unix.ENODEV // longer than names are
	}
	err = onSocket(func(fd int) error { return unix.IoctlIfreq(fd, unix.SIOCGIFINDEX, req) })
	return int(req.Uint32()), err
}

// Name returns the name of a network interface, ENODEV if there is none of that
// number.
func Name(index int) (string, error) {
	req, err := unix.NewIfreq("")
	if err != nil {
		return "", err
	}
	req.SetUint32(uint32(index))
	err = onSocket(func(fd int) error { return unix.IoctlIfreq(fd, unix.SIOCGIFNAME, req) })
	return req.Name(), err
}

func onSocket(do func(fd int) error) error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err == unix.EAFNOSUPPORT {
		fd, err = unix.Socket(unix.AF_INET6, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	}
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	return do(fd)
}

// Peer returns the index of the device that a device is one half of a pair with, or
// stands on: IFLA_LINK. It may be that of another network namespace.
func Peer(index int) (int, error) {
	dump, err := syscall.NetlinkRIB(unix.RTM_GETLINK, unix.AF_UNSPEC)
	if err != nil {
		return 0, err
	}
	messages, err := syscall.ParseNetlinkMessage(dump)
	if err != nil {
		return 0, err
	}
	for i := range messages {
		m := &messages[i]
		if m.Header.Type != unix.RTM_NEWLINK || len(m.Data) < unix.SizeofIfInfomsg || int(binary.NativeEndian.Uint32(m.Data[4:])) != index {
			continue
		}
		attrs, err := syscall.ParseNetlinkRouteAttr(m)
		if err != nil {
			return 0, err
		}
		for _, a := range attrs {
			if a.Attr.Type == unix.IFLA_LINK && len(a.Value) == 4 {
				return int(binary.NativeEndian.Uint32(a.Value)), nil
			}
		}
	}
	return 0, unix.ENODEV
}
