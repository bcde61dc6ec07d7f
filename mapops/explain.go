// SPDX-License-Identifier: MIT

package mapops

import (
	"encoding/binary"
	"fmt"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/loader"
)

func (m *Map) explain(e *loader.Error, op operation, errno unix.Errno, key []byte, flags Flags) {
	say := func(class loader.Class, code, format string, args ...any) {
		e.Class, e.Code, e.Err = class, code, &reason{fmt.Sprintf(format, args...), errno}
	}
	switch errno {
	case unix.ENOENT:
		m.explainMissing(e, op, key)
	case unix.EEXIST:
		if op == opUpdate {
			e.Class, e.Code, e.Err = loader.ClassOther, "key-exists", &answer{"the key already exists", ErrExists, errno}
		}
	case unix.E2BIG, unix.ENOSPC:
		switch {
		case m.beyond(key):
			m.outOfRange(e, op)
		case op == opUpdate && m.Keyless():
			say(loader.ClassRefused, "map-full", "it is full (max_entries is %d)", m.MaxEntries)
			e.Advice = "with the flag exist the oldest value makes room"
		case op == opUpdate:
			say(loader.ClassRefused, "map-full", "it is full (max_entries is %d)", m.MaxEntries)
		case op == opLookup && m.traits.holds == holdsSocket && m.ValueSize != 8:
			say(loader.ClassRefused, "not-supported", "sockets can be read only where values take 8 bytes, for their cookies")
		}
	case unix.EPERM:
		m.explainPermission(e, op, say)
	case enotsupp, unix.EOPNOTSUPP, unix.ENOTTY:
		m.explainUnsupported(e, op, flags, say)
	case unix.EINVAL:
		m.explainInvalid(e, op, key, flags, say)
	case unix.EBADF:
		what, holds := "value", m.traits.holds
		if m.traits.keys != holdsNothing {
			what, holds = "key", m.traits.keys
		}
		say(loader.ClassUsage, "map-"+what, "the %s is not %s that is open", what, holds)
	}
}

type sayer func(class loader.Class, code, format string, args ...any)

func (m *Map) explainMissing(e *loader.Error, op operation, key []byte) {
	e.Class, e.Code = loader.ClassOther, "key-missing"
	text := "no such key"
	switch {
	case op == opNext && key == nil:
		e.Code, text = "no-more-keys", "there are no keys"
	case op == opNext:
		e.Code, text = "no-more-keys", "it is the last one"
	case m.Keyless():
		e.Code, text = "map-empty", fmt.Sprintf("the %s is empty", m.TypeName())
	case m.beyond(key):
		m.outOfRange(e, op)
		return
	case m.traits.array && m.traits.holds != holdsNothing:
		text = "the slot is empty"
	case op == opUpdate && m.traits.holds == holdsNothing:
		text = "no such key, and the flag exist asks for one"
	}
	e.Err = absent("%s", text)
}

func (m *Map) explainPermission(e *loader.Error, op operation, say sayer) {
	const rdonly, wronly, rdonlyProg = 1 << 3, 1 << 4, 1 << 7
	writes := op != opLookup && op != opNext && op != opWalk
	switch {
	case writes && m.Frozen():
		say(loader.ClassRefused, "map-frozen", "it is frozen")
		e.Advice = "nothing undoes that: load the object anew, with --set for variables"
	case writes && m.Flags&rdonly != 0:
		say(loader.ClassRefused, "map-read-only", "it was created with BPF_F_RDONLY")
	case !writes && m.Flags&wronly != 0:
		say(loader.ClassRefused, "map-write-only", "it was created with BPF_F_WRONLY")
	default:
		if caps, err := m.k.Capabilities(); err == nil && caps&(1<<unix.CAP_BPF|1<<unix.CAP_SYS_ADMIN) == 0 {
			e.Advice = "run as root, or with CAP_BPF"
		}
	}
}

func (m *Map) explainUnsupported(e *loader.Error, op operation, flags Flags, say sayer) {
	if op == opPop && m.traits.hash {
		e.Class, e.Code = loader.ClassFeature, "feature-missing"
		e.Err = &loader.FeatureError{Feature: "lookup-and-delete for a " + m.TypeName(), Since: "5.14", Err: e.Err}
		return
	}
	what := map[operation]string{opLookup: "be read", opUpdate: "be written", opDelete: "be deleted", opPop: "be taken",
		opNext: "be listed", opWalk: "be listed", opFreeze: "be frozen"}[op]
	if op == opFreeze {
		say(loader.ClassRefused, "not-supported", "this %s cannot %s", m.TypeName(), what)
		return
	}
	say(loader.ClassRefused, "not-supported", "elements of this %s cannot %s from user space", m.TypeName(), what)
	switch {
	case m.traits.elementless:
		e.Advice = "it has no elements: programs and readers share its memory"
	case (op == opNext || op == opWalk) && m.traits.keys != holdsNothing:
		e.Advice = fmt.Sprintf("ask for the element of %s: %s", m.traits.keys, m.traits.keys.forms())
	case (op == opNext || op == opWalk) && m.Type != ebpf.BloomFilter && m.Keyless():
		e.Advice = "pop takes its values one by one"
	}
}

func (m *Map) explainInvalid(e *loader.Error, op operation, key []byte, flags Flags, say sayer) {
	_, cpu := flags.cpu()
	switch {
	case m.beyond(key):
		m.outOfRange(e, op)
	case cpu:
		e.Class, e.Code = loader.ClassFeature, "feature-missing"
		e.Err = &loader.FeatureError{Feature: "BPF_F_CPU for a " + m.TypeName(), Err: e.Err}
		e.Advice = "give the values of all CPUs as a list"
	case flags&Lock != 0:
		say(loader.ClassRefused, "no-spin-lock", "the flag lock wants a struct bpf_spin_lock in the value, and its type known to the kernel")
	case op == opDelete && m.traits.array && m.traits.holds == holdsNothing:
		say(loader.ClassRefused, "not-supported", "elements of this %s are always there", m.TypeName())
		e.Advice = "write 0 instead"
	case m.traits.keyless && op == opUpdate && flags != Any:
		say(loader.ClassRefused, "not-supported", "this %s does not take these flags: noexist and lock are for maps with keys", m.TypeName())
	case m.traits.elementless, m.traits.keyless:
		m.explainUnsupported(e, op, flags, say)
	case op == opPop && !m.traits.hash:
		m.explainUnsupported(e, op, flags, say)
	case m.Type == ebpf.LPMTrie && len(key) >= 4 && binary.NativeEndian.Uint32(key) > 8*(m.KeySize-4):
		say(loader.ClassUsage, "map-key", "a prefix of %d bits in a key of %d", binary.NativeEndian.Uint32(key), 8*(m.KeySize-4))
	case op != opUpdate:
	case m.traits.array && m.traits.descriptors && flags != Any:
		say(loader.ClassRefused, "not-supported", "the slots of this %s are written without flags only", m.TypeName())
	case m.traits.holds == holdsProgram && m.traits.descriptors:
		say(loader.ClassRefused, "value-refused", "the slot does not take this program: all programs of a prog_array have one type, and the attach type, cgroup storage and use of XDP fragments in common")
	case m.traits.holds == holdsMap:
		say(loader.ClassRefused, "value-refused", "the slot does not take this map: it must be of the type, sizes and flags of the template that this map was created with")
	case m.traits.holds == holdsProgram:
		say(loader.ClassRefused, "value-refused", "there is no such interface or CPU, or the program is none for a %s (SEC xdp/%s)", m.TypeName(), m.programSection())
	}
}

func (m *Map) programSection() string {
	if m.Type == ebpf.CPUMap {
		return "cpumap"
	}
	return "devmap"
}

// beyond says whether a key is no index of an array.
func (m *Map) beyond(key []byte) bool {
	return m.traits.array && len(key) == 4 && binary.NativeEndian.Uint32(key) >= m.MaxEntries
}

func (m *Map) outOfRange(e *loader.Error, op operation) {
	text := fmt.Sprintf("out of range: keys are 0 to %d", int64(m.MaxEntries)-1)
	if op == opUpdate {
		e.Class, e.Code, e.Err = loader.ClassRefused, "key-out-of-range", &reason{text, unix.E2BIG}
		return
	}
	e.Class, e.Code, e.Err = loader.ClassOther, "key-missing", absent("%s", text)
}
