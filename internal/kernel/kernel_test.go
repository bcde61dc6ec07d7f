// SPDX-License-Identifier: MIT

package kernel_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/bpfload/bpfload/internal/kernel"
)

// recorded is a kernel made of files.
func recorded(files map[string]string) *kernel.Kernel {
	return kernel.New(kernel.Source{FS: fileSystem(files), Uname: func() (kernel.Uname, error) {
		return kernel.Uname{Release: "6.1.0-13-amd64", Version: "#1 SMP", Machine: "x86_64"}, nil
	}})
}

func fileSystem(files map[string]string) fstest.MapFS {
	m := fstest.MapFS{}
	for name, data := range files {
		m[name] = &fstest.MapFile{Data: []byte(data)}
	}
	return m
}

func TestVersion(t *testing.T) {
	for name, tc := range map[string]struct {
		uname     kernel.Uname
		signature string
		want      uint32
	}{
		"release":            {kernel.Uname{Release: "6.18.44-fc"}, "", 6<<16 | 18<<8 | 44},
		"patch above 255":    {kernel.Uname{Release: "4.9.337"}, "", 4<<16 | 9<<8 | 255},
		"debian":             {kernel.Uname{Release: "6.1.0-13-amd64", Version: "#1 SMP PREEMPT_DYNAMIC Debian 6.1.55-1 (2023-09-29)"}, "", 6<<16 | 1<<8 | 55},
		"debian in no form":  {kernel.Uname{Release: "6.1.7", Version: "#1 SMP Debian unstable"}, "", 6<<16 | 1<<8 | 7},
		"ubuntu":             {kernel.Uname{Release: "5.4.0-12-generic"}, "Ubuntu 5.4.0-12.15-generic 5.4.8\n", 5<<16 | 4<<8 | 8},
		"ubuntu in no form":  {kernel.Uname{Release: "5.4.1"}, "Ubuntu 5.4.0-12.15-generic five\n", 5<<16 | 4<<8 | 1},
		"ubuntu, cut off":    {kernel.Uname{Release: "5.4.1"}, "Ubuntu", 5<<16 | 4<<8 | 1},
		"no patch":           {kernel.Uname{Release: "6.1"}, "", 0},
		"no version":         {kernel.Uname{Release: "linux"}, "", 0},
		"number without end": {kernel.Uname{Release: "99999999.1.1"}, "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			files := map[string]string{}
			if tc.signature != "" {
				files["proc/version_signature"] = tc.signature
			}
			k := kernel.New(kernel.Source{FS: fileSystem(files), Uname: func() (kernel.Uname, error) { return tc.uname, nil }})
			got, err := k.Version()
			if got != tc.want || (err == nil) != (tc.want != 0) {
				t.Errorf("got %#x, %v, want %#x", got, err, tc.want)
			}
		})
	}
}

var errUname = errors.New("no uname")

func TestNoUname(t *testing.T) {
	k := kernel.New(kernel.Source{FS: fileSystem(nil), Uname: func() (kernel.Uname, error) { return kernel.Uname{}, errUname }})
	if _, err := k.Version(); !errors.Is(err, errUname) {
		t.Errorf("version: %v", err)
	}
	if _, err := k.HasSyscallWrapper(); !errors.Is(err, errUname) {
		t.Errorf("syscall wrapper: %v", err)
	}
	if _, err := k.HasBPFCookie(); !errors.Is(err, errUname) {
		t.Errorf("cookie: %v", err)
	}
	if _, _, err := k.ConfigValue("CONFIG_HZ"); !errors.Is(err, kernel.ErrNoConfig) {
		t.Errorf("config: %v", err)
	}
}

func TestPossibleCPUs(t *testing.T) {
	for list, want := range map[string]int{
		"0\n": 1, "0-3\n": 4, "0-1,4-5,9\n": 5, "0-127": 128,
		"": 0, "x": 0, "3-1": 0, "1-": 0, "-1": 0, "0,": 0, "0-99999999": 0,
	} {
		got, err := recorded(map[string]string{"sys/devices/system/cpu/possible": list}).PossibleCPUs()
		if got != want || (err == nil) != (want != 0) {
			t.Errorf("%q: got %d, %v, want %d", list, got, err, want)
		}
	}
	if _, err := recorded(nil).PossibleCPUs(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without the file: %v", err)
	}
}

func zip(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write([]byte(text))
	w.Close()
	return b.String()
}

func TestConfigValue(t *testing.T) {
	const text = "CONFIG_A=y\n# CONFIG_B is not set\nCONFIG_HZ=250\r\nCONFIG_S=\"a=b\"\nCONFIG_A=m\nCONFIG_LAST=n"
	want := map[string]string{"CONFIG_A": "y", "CONFIG_HZ": "250", "CONFIG_S": `"a=b"`, "CONFIG_LAST": "n"}
	for name, files := range map[string]map[string]string{
		"boot":       {"boot/config-6.1.0-13-amd64": text, "proc/config.gz": zip("CONFIG_B=y")},
		"proc":       {"proc/config.gz": zip(text)},
		"proc plain": {"proc/config.gz": text},
	} {
		t.Run(name, func(t *testing.T) {
			k := recorded(files)
			for range 16 { // an index answers later
				got := map[string]string{}
				for _, option := range []string{"CONFIG_A", "CONFIG_B", "CONFIG_HZ", "CONFIG_H", "CONFIG_S", "CONFIG_LAST", "CONFIG_S=\"a"} {
					v, ok, err := k.ConfigValue(option)
					if err != nil {
						t.Fatal(err)
					}
					if ok {
						got[option] = v
					}
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Fatal(diff)
				}
			}
		})
	}
}

func TestGivenConfig(t *testing.T) {
	// Nothing else is read as long as the given text answers.
	k := kernel.New(kernel.Source{FS: fileSystem(nil), Config: []byte(zip("CONFIG_HZ=100\n"))})
	if v, ok, err := k.ConfigValue("CONFIG_HZ"); v != "100" || !ok || err != nil {
		t.Errorf("got %q, %t, %v", v, ok, err)
	}
	if _, _, err := k.ConfigValue("CONFIG_X"); !errors.Is(err, kernel.ErrNoConfig) {
		t.Errorf("got %v", err)
	}
	k = kernel.New(kernel.Source{FS: fileSystem(map[string]string{"proc/config.gz": "CONFIG_HZ=250\nCONFIG_X=y\n"}), Config: []byte("CONFIG_HZ=100")})
	for option, want := range map[string]string{"CONFIG_HZ": "100", "CONFIG_X": "y"} {
		if v, _, err := k.ConfigValue(option); v != want || err != nil {
			t.Errorf("%s: got %q, %v", option, v, err)
		}
	}
}

func TestBadConfig(t *testing.T) {
	bad := []byte(zip("CONFIG_HZ=100\n"))
	bad[len(bad)/2] ^= 0xff
	for name, k := range map[string]*kernel.Kernel{
		"given, damaged":     kernel.New(kernel.Source{Config: bad}),
		"given, cut off":     kernel.New(kernel.Source{Config: []byte{0x1f, 0x8b}}),
		"given, a bomb":      kernel.New(kernel.Source{Config: []byte(zip(strings.Repeat("\n", 1<<24+1)))}),
		"running, damaged":   recorded(map[string]string{"proc/config.gz": string(bad)}),
		"running, not there": recorded(nil),
		"running, directory": recorded(map[string]string{"proc/config.gz/x": ""}),
	} {
		if _, _, err := k.ConfigValue("CONFIG_HZ"); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

const kallsyms = `0000000000000000 A fixed_percpu_data
ffffffff81000000 T _stext
ffffffff81000010 t copy
ffffffff81000020 t copy
ffffffff81000010 t copy
ffffffff82000000 d jiffies.llvm.123456
ffffffff82000008 D loops_per_jiffy
ffffffff81000030 t function.llvm.99
ffffffffc0000000 t init_module	[tun]
ffffffffc0000100 b table	[tun]
`

func TestSymbols(t *testing.T) {
	k := recorded(map[string]string{"proc/kallsyms": kallsyms})
	names := []string{"_stext", "copy", "jiffies", "function", "table", "absent", "init_module", "fixed_percpu_data", "", "_stext"}
	want := []kernel.Symbol{
		{Found: true, Address: 0xffffffff81000000}, {Found: true, Address: 0xffffffff81000010, Other: 0xffffffff81000020},
		{Found: true, Address: 0xffffffff82000000}, {}, {Found: true, Address: 0xffffffffc0000100}, {},
		{Found: true, Address: 0xffffffffc0000000}, {Found: true}, {}, {Found: true, Address: 0xffffffff81000000},
	}
	for range 2 { // the second time from memory
		got, err := k.Symbols(names)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
	got, err := k.Symbols([]string{"loops_per_jiffy", "copy"})
	if err != nil || got[0].Address != 0xffffffff82000008 || got[1].Other == 0 {
		t.Errorf("further names: %v, %v", got, err)
	}
	var all []string
	for name := range k.SymbolNames {
		all = append(all, name)
	}
	if len(all) != 10 || all[9] != "table" {
		t.Errorf("names %q", all)
	}
	for range k.SymbolNames {
		break
	}
}

func TestHiddenSymbols(t *testing.T) {
	k := recorded(map[string]string{"proc/kallsyms": "0000000000000000 T _stext\n0000000000000000 t __x64_sys_bpf"})
	for range 2 {
		got, err := k.Symbols([]string{"_stext", "absent"})
		if !errors.Is(err, kernel.ErrHidden) {
			t.Errorf("got %v", err)
		}
		if diff := cmp.Diff([]kernel.Symbol{{Found: true}, {}}, got); diff != "" {
			t.Error(diff)
		}
	}
	if has, err := k.HasSyscallWrapper(); !has || err != nil {
		t.Errorf("syscall wrapper: %t, %v", has, err)
	}
}

func TestBadSymbols(t *testing.T) {
	for name, text := range map[string]string{
		"no address":      " T _stext\n",
		"no hexadecimal":  "ffffffff8100000g T _stext\n",
		"too long":        "ffffffff810000000 T _stext\n",
		"no name":         "ffffffff81000000 T \n",
		"no type":         "ffffffff81000000 _stext\n",
		"a last line":     "ffffffff81000000 T a\nffff",
		"a line too long": "ffffffff81000000 T " + strings.Repeat("x", 1<<17) + "\n",
	} {
		if _, err := recorded(map[string]string{"proc/kallsyms": text}).Symbols([]string{"_stext"}); err == nil || errors.Is(err, kernel.ErrHidden) {
			t.Errorf("%s: %v", name, err)
		}
	}
	k := recorded(nil)
	if _, err := k.Symbols([]string{"_stext"}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without the file: %v", err)
	}
	for name := range k.SymbolNames {
		t.Errorf("name %q without the file", name)
	}
}
