// SPDX-License-Identifier: MIT

package extern

import (
	"encoding/binary"
	"errors"
	"io/fs"
	"strconv"
	"strings"

	"github.com/bpfload/bpfload/globals"
	"github.com/bpfload/bpfload/internal/kernel"
	"github.com/bpfload/bpfload/internal/plain"
	"github.com/bpfload/bpfload/spec"
)

// Kconfig writes the values of configuration variables into value, the contents of
// the .kconfig map, which must be zero; a weak variable that is not set stays so.
//
// Names that begin with CONFIG_ are options of the kernel's configuration, of which
// a Source's own comes first. LINUX_KERNEL_VERSION, LINUX_HAS_BPF_COOKIE and
// LINUX_HAS_SYSCALL_WRAPPER are facts about the kernel; other names that begin with
// LINUX_ are accepted where they are weak. The kernel's configuration must be
// readable only if a strong variable depends on it. Errors are *[elf.Error] values.
func Kconfig(value []byte, bigEndian bool, vars []globals.KconfigVar, k *kernel.Kernel) ([]spec.Warning, error) {
	w := kconfigWriter{value: value, order: binary.LittleEndian, k: k}
	if bigEndian {
		w.order = binary.BigEndian
	}
	for i := range vars {
		v := &vars[i]
		if err := w.set(v); err != nil {
			return nil, at(globals.KconfigSection, v.Offset, v.Name, err)
		}
	}
	return w.warnings, nil
}

type kconfigWriter struct {
	value    []byte
	order    binary.ByteOrder
	k        *kernel.Kernel
	warnings []spec.Warning
}

func (w *kconfigWriter) warn(v *globals.KconfigVar, code, message string) {
	w.warnings = append(w.warnings, spec.Warning{Code: code, Section: globals.KconfigSection, Offset: uint64(v.Offset), Symbol: v.Name, Message: message})
}

func (w *kconfigWriter) set(v *globals.KconfigVar) error {
	if strings.HasPrefix(v.Name, "CONFIG_") {
		return w.setOption(v)
	}
	fact, err := w.fact(v)
	if err != nil {
		return err
	}
	return w.setNumber(v, fact)
}

// fact is the value of a variable that is no option.
func (w *kconfigWriter) fact(v *globals.KconfigVar) (uint64, error) {
	has, err := false, error(nil)
	switch v.Name {
	case "LINUX_KERNEL_VERSION":
		version, err := w.k.Version()
		return uint64(version), err
	case "LINUX_HAS_BPF_COOKIE":
		has, err = w.k.HasBPFCookie()
	case "LINUX_HAS_SYSCALL_WRAPPER":
		has, err = w.k.HasSyscallWrapper()
	default:
		if !v.Weak || !strings.HasPrefix(v.Name, "LINUX_") {
			return 0, because(ErrMissing, "no such fact about the kernel: names begin with CONFIG_, or are "+
				"LINUX_KERNEL_VERSION, LINUX_HAS_BPF_COOKIE or LINUX_HAS_SYSCALL_WRAPPER")
		}
	}
	if has {
		return 1, err
	}
	return 0, err
}

func (w *kconfigWriter) setOption(v *globals.KconfigVar) error {
	text, ok, err := w.k.ConfigValue(v.Name)
	if err != nil {
		if v.Weak && unreadable(err) {
			w.warn(v, "kconfig-unreadable", "taken as not set: "+err.Error())
			return nil
		}
		return err
	}
	if !ok {
		if v.Weak {
			return nil
		}
		return because(ErrMissing, "the option is not set in the kernel's configuration: declare it __weak if it may be absent")
	}
	switch {
	case text == "y" || text == "n" || text == "m":
		return w.setTristate(v, text[0])
	case strings.HasPrefix(text, `"`):
		return w.setString(v, text)
	}
	n, err := parseNumber(text)
	if err != nil {
		return because(ErrValue, "the kernel's configuration has %.40q, which is no y, n or m, number or string", text)
	}
	if v.Kind != globals.KconfigInt && v.Kind != globals.KconfigChar {
		return because(ErrValue, "the option is a number, %s: want an integer variable", text)
	}
	return w.setNumber(v, n)
}

// unreadable tells a configuration that cannot be had from one that is damaged.
func unreadable(err error) bool {
	return errors.Is(err, kernel.ErrNoConfig) || errors.Is(err, fs.ErrPermission)
}

// setTristate is for y, n and m. A variable of type char takes the letter.
func (w *kconfigWriter) setTristate(v *globals.KconfigVar, letter byte) error {
	switch v.Kind {
	case globals.KconfigChar:
		return w.put(v, uint64(letter))
	case globals.KconfigBool:
		if letter == 'm' {
			return because(ErrValue, "the option is m, a module: want an enum libbpf_tristate or a char, not a bool")
		}
		return w.put(v, uint64(strings.IndexByte("ny", letter)))
	case globals.KconfigTristate:
		return w.put(v, uint64(strings.IndexByte("nym", letter))) // TRI_NO, TRI_YES, TRI_MODULE
	}
	return because(ErrValue, "the option is %c: want a bool, an enum libbpf_tristate or a char", letter)
}

func (w *kconfigWriter) setString(v *globals.KconfigVar, text string) error {
	if v.Kind != globals.KconfigString {
		return because(ErrValue, "the option is the string %.40s: want an array of char", text)
	}
	if len(text) < 2 || !strings.HasSuffix(text, `"`) {
		return because(ErrValue, "the kernel's configuration has the string %.40s without its closing quote", text)
	}
	text = text[1 : len(text)-1]
	dst := w.value[v.Offset:][:v.Size]
	n := copy(dst[:len(dst)-1], text)
	if n < len(text) {
		w.warn(v, "kconfig-truncated", strconv.Quote(text)+" is cut to "+strconv.Itoa(n)+" bytes")
	}
	return nil
}

func (w *kconfigWriter) setNumber(v *globals.KconfigVar, n uint64) error {
	switch v.Kind {
	case globals.KconfigBool:
		if n > 1 {
			return because(ErrValue, "%d does not fit a bool", n)
		}
	case globals.KconfigInt, globals.KconfigChar:
		if !inRange(n, v.Size, v.Signed) {
			return because(ErrValue, "%s does not fit %s", decimal(n, v.Signed), plain.Count(int(v.Size), "byte"))
		}
	default:
		return because(ErrValue, "the value is a number, %d: want an integer variable", n)
	}
	return w.put(v, n)
}

// inRange says whether a number, negative ones in two's complement, keeps its value
// in size bytes.
func inRange(n uint64, size uint32, signed bool) bool {
	if size >= 8 {
		return true
	}
	bits := 8 * size
	if signed {
		n += 1 << (bits - 1)
	}
	return n>>bits == 0
}

func decimal(n uint64, signed bool) string {
	if signed {
		return strconv.FormatInt(int64(n), 10)
	}
	return strconv.FormatUint(n, 10)
}

func (w *kconfigWriter) put(v *globals.KconfigVar, n uint64) error {
	dst := w.value[v.Offset:][:v.Size]
	switch v.Size {
	case 1:
		dst[0] = byte(n)
	case 2:
		w.order.PutUint16(dst, uint16(n))
	case 4:
		w.order.PutUint32(dst, uint32(n))
	case 8:
		w.order.PutUint64(dst, n)
	default:
		return because(ErrValue, "a number of %d bytes", v.Size)
	}
	return nil
}

// parseNumber reads a number as strtoull(3) does with base 0. A negative one is
// returned in two's complement.
func parseNumber(text string) (uint64, error) {
	digits, negative := strings.CutPrefix(text, "-")
	base := 10
	switch {
	case strings.HasPrefix(digits, "0x"), strings.HasPrefix(digits, "0X"):
		digits, base = digits[2:], 16
	case len(digits) > 1 && digits[0] == '0':
		digits, base = digits[1:], 8
	}
	n, err := strconv.ParseUint(digits, base, 64)
	if negative {
		n = -n
	}
	return n, err
}
