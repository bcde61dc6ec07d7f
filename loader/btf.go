// SPDX-License-Identifier: MIT

package loader

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/elf"
	"github.com/bpfload/bpfload/internal/datasec"
	"github.com/bpfload/bpfload/internal/sys"
	"github.com/bpfload/bpfload/rawbtf"
	"github.com/bpfload/bpfload/spec"
)

// loadBTF gives the kernel the object's types, once for all maps and programs.
type loadBTF struct{ size int }

func (op *loadBTF) step() Step {
	return Step{Op: "load-btf", Detail: fmt.Sprintf("%d bytes of types, shared by all maps and programs", op.size)}
}

// run tries the types as they are, then without what older kernels do not know, the
// newest addition first. A kernel that refuses even that is served without types,
// unless something needs them.
func (op *loadBTF) run(_ context.Context, l *load) error {
	form := rawbtf.NewKernelForm(l.o.types, l.o.layout())
	var rewritten []string
	for {
		fd, err := l.tryBTF(form.Bytes())
		if err == nil {
			l.btf, l.form, l.noFuncs = fd, form, !form.HasFuncs()
			l.opened(fd)
			if len(rewritten) > 0 {
				l.warn(spec.Warning{Code: "btf-rewritten", Section: ".BTF",
					Message: "the kernel refused the object's types as they are; it took them without " + strings.Join(rewritten, ", ")})
			}
			return nil
		}
		if class := errnoClassOf(err); class == ClassCapability || class == ClassAgain {
			return op.fail(l, err, "")
		}
		what := form.Simplify()
		if what == "" {
			return op.refused(l)
		}
		rewritten = append(rewritten, what)
	}
}

func (l *load) tryBTF(raw []byte) (int, error) {
	a := sys.BTFLoad{BTF: sys.Bytes(raw), BTFSize: uint32(len(raw))}
	l.useToken(&a.BTFFlags, &a.BTFTokenFD)
	fd, err := l.k.BPF(&a)
	if err == unix.EPERM && l.raiseMemlock() {
		fd, err = l.k.BPF(&a)
	}
	return fd, err
}

// refused asks the kernel, once more and with a log, what it has against the
// types as the object has them.
func (op *loadBTF) refused(l *load) error {
	raw := rawbtf.NewKernelForm(l.o.types, l.o.layout()).Bytes()
	log := make([]byte, 1<<16)
	a := sys.BTFLoad{BTF: sys.Bytes(raw), BTFSize: uint32(len(raw)), BTFLogBuf: sys.Bytes(log), BTFLogSize: uint32(len(log)), BTFLogLevel: 1}
	l.useToken(&a.BTFFlags, &a.BTFTokenFD)
	fd, err := l.k.BPF(&a)
	if err == nil {
		l.btf = fd
		return nil
	}
	text := cString(log)
	reason := lastLine(text)
	if reason == "" {
		reason = err.Error()
	}
	if l.needsBTF() {
		return op.fail(l, err, text)
	}
	l.warn(spec.Warning{Code: "btf-refused", Section: ".BTF",
		Message: fmt.Sprintf("the kernel refuses the object's types (%s): maps and programs are loaded without", reason)})
	return nil
}

func (op *loadBTF) fail(l *load, err error, log string) error {
	e := &Error{Class: errnoClassOf(err), Code: "btf-refused", Doing: "loading the object's BTF", Err: err, Log: log}
	l.explainPermission(e, unix.EPERM)
	return e
}

// needsBTF says whether something in the object cannot be created without its BTF.
func (l *load) needsBTF() bool {
	for _, m := range l.o.Maps {
		if m.Origin == spec.OriginStructOps && !m.NoCreate {
			return true
		}
	}
	return false
}

// layout says where the object's variables are.
func (o *Object) layout() rawbtf.Layout {
	l := rawbtf.Layout{Section: o.sectionLayout, Hidden: o.hiddenNames()}
	for _, v := range o.kconfig {
		l.Kconfig = append(l.Kconfig, rawbtf.Placed{Var: v.Var, Offset: v.Offset, Size: v.Size})
	}
	return l
}

func (o *Object) sectionLayout(name string) (uint32, []rawbtf.Placed, bool) {
	s, ok := o.file.SectionNamed(name)
	if !ok {
		return 0, nil, false
	}
	vars := datasec.Variables(o.file, o.types, s)
	placed := make([]rawbtf.Placed, 0, len(vars))
	for _, v := range vars {
		if v.Var != 0 {
			placed = append(placed, rawbtf.Placed{Var: v.Var, Offset: uint32(v.Offset), Size: uint32(v.Size)})
		}
	}
	return uint32(s.Size), placed, true
}

// hiddenNames returns a test for names that only this object sees, nil where there
// are none.
func (o *Object) hiddenNames() func(string) bool {
	var names map[string]bool
	for i := 1; i < o.file.NumSymbols(); i++ {
		s := o.file.Symbol(i)
		if s.Binding != elf.STBLocal && s.Hidden() && s.Defined() {
			if names == nil {
				names = make(map[string]bool)
			}
			names[s.Name] = true
		}
	}
	if names == nil {
		return nil
	}
	return func(name string) bool { return names[name] }
}

// cString returns what stands before the first NUL.
func cString(b []byte) string {
	b, _, _ = bytes.Cut(b, []byte{0})
	return string(b)
}

// lastLine returns the last line that is not empty.
func lastLine(text string) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}

func errnoClassOf(err error) Class {
	var errno unix.Errno
	if errors.As(err, &errno) {
		return errnoClass(errno)
	}
	return ClassOther
}
