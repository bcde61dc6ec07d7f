// SPDX-License-Identifier: MIT

package loader

import (
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/sys"
)

// raiseMemlock lifts the limit on locked memory where the kernel charges maps and
// programs to it (before 5.11), and says whether a refused command is worth
// another try.
func (l *load) raiseMemlock() bool {
	return l.olderThan(linux(5, 11)) && l.k.RaiseMemlock() == nil
}

// useToken makes a command act with the rights of the load's token, if it has one.
func (l *load) useToken(flags *uint32, fd *int32) {
	if l.token >= 0 {
		*flags |= flagTokenFD
		*fd = int32(l.token)
	}
}

// takeToken asks a delegated bpffs for a token.
func (l *load) takeToken(dir string) error {
	fd, err := l.k.OpenDir(dir)
	if err != nil {
		return &Error{Class: ClassBPFFS, Code: "token", Doing: "opening " + dir + " for a token", Err: err}
	}
	defer l.k.Close(fd)
	if l.token, err = l.k.BPF(&sys.TokenCreate{BPFFSFD: uint32(fd)}); err != nil {
		l.token = -1
		return l.noToken(dir, err)
	}
	return nil
}

var tokenSince = linux(6, 9)

func (l *load) noToken(dir string, err error) error {
	e := &Error{Class: errnoClassOf(err), Code: "token", Doing: "taking a token from " + dir, Err: err,
		Advice: "the bpffs must be mounted with delegate_cmds and the like, in a user namespace of its own (Linux 6.9)"}
	switch {
	case err == unix.ENOENT:
		e.Class, e.Err = ClassBPFFS, fmt.Errorf("the bpffs delegates nothing: %w", err)
	case err == unix.EOPNOTSUPP:
		e.Class, e.Err = ClassBPFFS, fmt.Errorf("the bpffs belongs to the first user namespace, which needs no tokens: %w", err)
	case l.olderThan(tokenSince):
		e.Class, e.Err = ClassFeature, &FeatureError{Feature: "tokens", Since: tokenSince.String(), Err: err}
	}
	return e
}

// prepare is what comes before the first operation: nothing is created for another
// machine, or if a capability is known to be missing.
func (l *load) prepare() error {
	if err := l.o.checkOrder(); err != nil {
		return err
	}
	if l.opts.TokenFrom != "" {
		return l.takeToken(l.opts.TokenFrom)
	}
	name := l.missingCapability(l.o.neededCapabilities())
	if name == "" || l.facts.UnprivilegedBPF() {
		return nil
	}
	e := &Error{Class: ClassCapability, Doing: "loading the object", Err: unix.EPERM}
	l.explainMissing(e, l.o.neededCapabilities())
	return e
}
