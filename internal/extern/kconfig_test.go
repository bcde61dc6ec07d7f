// SPDX-License-Identifier: MIT

package extern_test

import (
	"io/fs"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bpfload/bpfload/globals"
	"github.com/bpfload/bpfload/internal/extern"
	"github.com/bpfload/bpfload/internal/kernel"
)

const config = `CONFIG_Y=y
CONFIG_N=n
CONFIG_M=m
CONFIG_HZ=250
CONFIG_HEX=0xff
CONFIG_OCTAL=0377
CONFIG_ZERO=0
CONFIG_NEGATIVE=-2
CONFIG_LARGE=0xffffffffffffffff
CONFIG_TOO_LARGE=0x1ffffffffffffffff
CONFIG_BYTE=128
CONFIG_S="init"
CONFIG_EMPTY=""
CONFIG_OPEN="init
CONFIG_WORD=yes
CONFIG_NOTHING=
`

// variable is one configuration variable of the given kind, size and sign.
func variable(kind globals.KconfigKind, size uint32, signed bool) globals.KconfigVar {
	return globals.KconfigVar{Kind: kind, Size: size, Signed: signed, Offset: 8}
}

func TestKconfig(t *testing.T) {
	boolean, char := variable(globals.KconfigBool, 1, false), variable(globals.KconfigChar, 1, true)
	tristate, text := variable(globals.KconfigTristate, 4, false), variable(globals.KconfigString, 8, false)
	number := func(size uint32, signed bool) globals.KconfigVar { return variable(globals.KconfigInt, size, signed) }
	for name, tc := range map[string]struct {
		option string
		v      globals.KconfigVar
		want   string // bytes, little-endian
		err    error
		says   string
	}{
		"bool, y":             {"CONFIG_Y", boolean, "\x01", nil, ""},
		"bool, n":             {"CONFIG_N", boolean, "\x00", nil, ""},
		"bool, m":             {"CONFIG_M", boolean, "", extern.ErrValue, "the option is m, a module: want an enum libbpf_tristate or a char, not a bool"},
		"bool, number":        {"CONFIG_ZERO", boolean, "", extern.ErrValue, "the option is a number, 0: want an integer variable"},
		"bool, string":        {"CONFIG_S", boolean, "", extern.ErrValue, `the option is the string "init": want an array of char`},
		"tristate, y":         {"CONFIG_Y", tristate, "\x01\x00\x00\x00", nil, ""},
		"tristate, n":         {"CONFIG_N", tristate, "\x00\x00\x00\x00", nil, ""},
		"tristate, m":         {"CONFIG_M", tristate, "\x02\x00\x00\x00", nil, ""},
		"tristate, number":    {"CONFIG_HZ", tristate, "", extern.ErrValue, "the option is a number, 250: want an integer variable"},
		"char, y":             {"CONFIG_Y", char, "y", nil, ""},
		"char, m":             {"CONFIG_M", char, "m", nil, ""},
		"char, number":        {"CONFIG_ZERO", char, "\x00", nil, ""},
		"char, too large":     {"CONFIG_BYTE", char, "", extern.ErrValue, "128 does not fit 1 byte"},
		"unsigned char":       {"CONFIG_BYTE", variable(globals.KconfigChar, 1, false), "\x80", nil, ""},
		"short":               {"CONFIG_HZ", number(2, true), "\xfa\x00", nil, ""},
		"int":                 {"CONFIG_HZ", number(4, false), "\xfa\x00\x00\x00", nil, ""},
		"hexadecimal":         {"CONFIG_HEX", number(2, false), "\xff\x00", nil, ""},
		"octal":               {"CONFIG_OCTAL", number(2, false), "\xff\x00", nil, ""},
		"negative":            {"CONFIG_NEGATIVE", number(4, true), "\xfe\xff\xff\xff", nil, ""},
		"negative, unsigned":  {"CONFIG_NEGATIVE", number(4, false), "", extern.ErrValue, "18446744073709551614 does not fit 4 bytes"},
		"large":               {"CONFIG_LARGE", number(8, false), "\xff\xff\xff\xff\xff\xff\xff\xff", nil, ""},
		"large, signed":       {"CONFIG_LARGE", number(2, true), "\xff\xff", nil, ""},
		"too large":           {"CONFIG_TOO_LARGE", number(8, false), "", extern.ErrValue, `the kernel's configuration has "0x1ffffffffffffffff", which is no y, n or m, number or string`},
		"int, y":              {"CONFIG_Y", number(4, false), "", extern.ErrValue, "the option is y: want a bool, an enum libbpf_tristate or a char"},
		"int of three bytes":  {"CONFIG_HZ", number(3, false), "", extern.ErrValue, "a number of 3 bytes"},
		"string":              {"CONFIG_S", text, "init\x00\x00\x00\x00", nil, ""},
		"string, empty":       {"CONFIG_EMPTY", text, "\x00\x00\x00\x00\x00\x00\x00\x00", nil, ""},
		"string, no end":      {"CONFIG_OPEN", text, "", extern.ErrValue, `the kernel's configuration has the string "init without its closing quote`},
		"string, number":      {"CONFIG_HZ", text, "", extern.ErrValue, "the option is a number, 250: want an integer variable"},
		"word":                {"CONFIG_WORD", boolean, "", extern.ErrValue, `the kernel's configuration has "yes", which is no y, n or m, number or string`},
		"nothing":             {"CONFIG_NOTHING", boolean, "", extern.ErrValue, `the kernel's configuration has "", which is no y, n or m, number or string`},
		"absent":              {"CONFIG_ABSENT", boolean, "", extern.ErrMissing, "the option is not set in the kernel's configuration: declare it __weak if it may be absent"},
		"version":             {"LINUX_KERNEL_VERSION", number(4, false), "\x09\x01\x06\x00", nil, ""},
		"version in a short":  {"LINUX_KERNEL_VERSION", number(2, false), "", extern.ErrValue, "393481 does not fit 2 bytes"},
		"version in a bool":   {"LINUX_KERNEL_VERSION", boolean, "", extern.ErrValue, "393481 does not fit a bool"},
		"version in a string": {"LINUX_KERNEL_VERSION", text, "", extern.ErrValue, "the value is a number, 393481: want an integer variable"},
		"cookie":              {"LINUX_HAS_BPF_COOKIE", boolean, "\x01", nil, ""},
		"syscall wrapper":     {"LINUX_HAS_SYSCALL_WRAPPER", boolean, "\x00", nil, ""},
		"no such fact":        {"LINUX_HAS_WINGS", boolean, "", extern.ErrMissing, "no such fact about the kernel: names begin with CONFIG_, or are LINUX_KERNEL_VERSION, LINUX_HAS_BPF_COOKIE or LINUX_HAS_SYSCALL_WRAPPER"},
	} {
		t.Run(name, func(t *testing.T) {
			k := recorded(map[string]string{"proc/config.gz": config, "proc/kallsyms": "ffffffff81000000 T _stext\n"})
			v := tc.v
			v.Name = tc.option
			for _, big := range []bool{false, true} {
				value := make([]byte, 24)
				warnings, err := extern.Kconfig(value, big, []globals.KconfigVar{v}, k)
				checkError(t, err, tc.err, ".kconfig", tc.option, tc.says)
				if len(warnings) > 0 {
					t.Errorf("warnings %v", warnings)
				}
				if tc.err != nil {
					continue
				}
				want := make([]byte, 24)
				for i := range len(tc.want) {
					at := i
					if big && v.Kind != globals.KconfigString {
						at = len(tc.want) - 1 - i
					}
					want[8+at] = tc.want[i]
				}
				if diff := cmp.Diff(want, value); diff != "" {
					t.Errorf("big endian %t: %s", big, diff)
				}
			}
		})
	}
}

func TestKconfigWeak(t *testing.T) {
	weak := func(name string) globals.KconfigVar {
		return globals.KconfigVar{Name: name, Kind: globals.KconfigInt, Size: 4, Weak: true}
	}
	value := make([]byte, 4)
	k := recorded(map[string]string{"proc/config.gz": config})
	for _, name := range []string{"CONFIG_ABSENT", "LINUX_HAS_WINGS"} {
		if warnings, err := extern.Kconfig(value, false, []globals.KconfigVar{weak(name)}, k); err != nil || len(warnings) > 0 {
			t.Errorf("%s: %v, %v", name, warnings, err)
		}
	}
	_, err := extern.Kconfig(value, false, []globals.KconfigVar{weak("WINGS")}, k)
	checkError(t, err, extern.ErrMissing, ".kconfig", "WINGS", "no such fact about the kernel: names begin with CONFIG_, or are LINUX_KERNEL_VERSION, LINUX_HAS_BPF_COOKIE or LINUX_HAS_SYSCALL_WRAPPER")

	// libbpf fails here although nothing needs the configuration.
	k = recorded(nil)
	warnings, err := extern.Kconfig(value, false, []globals.KconfigVar{weak("CONFIG_HZ")}, k)
	if err != nil || len(warnings) != 1 || warnings[0].Code != "kconfig-unreadable" || warnings[0].Symbol != "CONFIG_HZ" {
		t.Errorf("weak, unreadable: %v, %v", warnings, err)
	}
	strong := weak("CONFIG_HZ")
	strong.Weak = false
	_, err = extern.Kconfig(value, false, []globals.KconfigVar{weak("CONFIG_Y"), strong}, k)
	checkError(t, err, kernel.ErrNoConfig, ".kconfig", "CONFIG_HZ", kernel.ErrNoConfig.Error())
	if string(value) != "\x00\x00\x00\x00" {
		t.Errorf("value %x", value)
	}
	k = kernel.New(kernel.Source{Config: []byte{0x1f, 0x8b}})
	if _, err := extern.Kconfig(value, false, []globals.KconfigVar{weak("CONFIG_HZ")}, k); err == nil {
		t.Error("a damaged configuration is no error")
	}
}

func TestKconfigTruncated(t *testing.T) {
	v := globals.KconfigVar{Name: "CONFIG_S", Kind: globals.KconfigString, Size: 3}
	value := make([]byte, 3)
	warnings, err := extern.Kconfig(value, false, []globals.KconfigVar{v}, recorded(map[string]string{"proc/config.gz": config}))
	if err != nil || string(value) != "in\x00" {
		t.Errorf("value %q, %v", value, err)
	}
	if len(warnings) != 1 || warnings[0].Message != `"init" is cut to 2 bytes` {
		t.Errorf("warnings %v", warnings)
	}
}

func TestKconfigFactsUnknown(t *testing.T) {
	k := kernel.New(kernel.Source{FS: failing{}, Uname: func() (kernel.Uname, error) { return kernel.Uname{}, fs.ErrPermission }})
	for _, name := range []string{"LINUX_KERNEL_VERSION", "LINUX_HAS_BPF_COOKIE", "LINUX_HAS_SYSCALL_WRAPPER"} {
		v := globals.KconfigVar{Name: name, Kind: globals.KconfigInt, Size: 4}
		_, err := extern.Kconfig(make([]byte, 4), false, []globals.KconfigVar{v}, k)
		checkError(t, err, fs.ErrPermission, ".kconfig", name, fs.ErrPermission.Error())
	}
}

// failing is a file system without permission.
type failing struct{}

func (failing) Open(name string) (fs.File, error) { return nil, fs.ErrPermission }
