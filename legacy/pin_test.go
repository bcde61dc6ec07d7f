// SPDX-License-Identifier: MIT

package legacy_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bpfload/bpfload/legacy"
	"github.com/bpfload/bpfload/spec"
)

func TestPinPath(t *testing.T) {
	const sha = "0123456789abcdef0123456789abcdef01234567"
	ids := []legacy.PinID{{ID: 4, Subpath: "earlier"}, {ID: 5, Subpath: "tc/cls1"}, {ID: 4, Subpath: "foo/bar"}, {ID: 6, Subpath: "../../etc"}}
	pinned := func(dialect string, p spec.Pinning, l spec.Legacy) *spec.Map {
		l.Dialect = dialect
		return &spec.Map{Name: "m", Pinning: p, Legacy: &l}
	}
	tests := map[string]struct {
		m       *spec.Map
		roots   legacy.Roots
		want    string
		err     error
		message string
	}{
		"none":             {m: pinned("iproute2", spec.PinNone, spec.Legacy{})},
		"iproute2, global": {m: pinned("iproute2", spec.PinGlobalNS, spec.Legacy{}), want: "/sys/fs/bpf/tc/globals/m"},
		"iproute2, global, elsewhere": {m: pinned("iproute2", spec.PinGlobalNS, spec.Legacy{}), roots: legacy.Roots{BPFFS: "/bpf/"},
			want: "/bpf/tc/globals/m"},
		"iproute2, Cilium's replace": {m: pinned("iproute2", spec.PinReplace, spec.Legacy{Pinning: 16}), want: "/sys/fs/bpf/tc/globals/m"},
		"iproute2, object":           {m: pinned("iproute2", spec.PinObjectNS, spec.Legacy{}), roots: legacy.Roots{ObjectSHA1: sha}, want: "/sys/fs/bpf/tc/" + sha + "/m"},
		"iproute2, object not known": {m: pinned("iproute2", spec.PinObjectNS, spec.Legacy{}), err: legacy.ErrNeedsObject,
			message: `map "m": the object file is not known: it is pinned by the SHA-1 of the object`},
		"iproute2, id 5":       {m: pinned("iproute2", spec.PinCustom, spec.Legacy{Pinning: 5}), roots: legacy.Roots{PinIDs: ids}, want: "/sys/fs/bpf/tc/cls1/m"},
		"iproute2, last of id": {m: pinned("iproute2", spec.PinCustom, spec.Legacy{Pinning: 4}), roots: legacy.Roots{PinIDs: ids}, want: "/sys/fs/bpf/foo/bar/m"},
		"iproute2, id that leads out": {m: pinned("iproute2", spec.PinCustom, spec.Legacy{Pinning: 6}), roots: legacy.Roots{PinIDs: ids}, err: legacy.ErrUnsafePath,
			message: `unsafe pin path: "../../etc/m" below "/sys/fs/bpf"`},
		"iproute2, unknown id": {m: pinned("iproute2", spec.PinCustom, spec.Legacy{Pinning: 9}), roots: legacy.Roots{PinIDs: ids}, err: legacy.ErrUnknownPinID,
			message: `map "m": unknown pin id 9: add a line "9 DIRECTORY" to the file of pin ids, or pin the map with --map m=PIN`},
		"aya":         {m: pinned("aya", spec.PinByName, spec.Legacy{}), want: "/sys/fs/bpf/m"},
		"aya, in dir": {m: pinned("aya", spec.PinByName, spec.Legacy{}), roots: legacy.Roots{ByName: "/sys/fs/bpf/app/"}, want: "/sys/fs/bpf/app/m"},
		"aws":         {m: pinned("aws", spec.PinGlobalNS, spec.Legacy{}), want: "/sys/fs/bpf/globals/aws/maps/m"},
		"aws, custom": {m: pinned("aws", spec.PinGlobalNS, spec.Legacy{}), roots: legacy.Roots{Custom: "pod-1"}, want: "/sys/fs/bpf/globals/aws/maps/pod-1_m"},
		"gobpf":       {m: pinned("gobpf", spec.PinNamespace, spec.Legacy{Namespace: "scope"}), want: "/sys/fs/bpf/scope/globals/m"},
		"gobpf, namespace that leads out": {m: pinned("gobpf", spec.PinNamespace, spec.Legacy{Namespace: "../../.."}), err: legacy.ErrUnsafePath,
			message: `unsafe pin path: "../../../globals/m" below "/sys/fs/bpf"`},
		"gobpf, custom": {m: pinned("gobpf", spec.PinCustom, spec.Legacy{}), err: legacy.ErrNeedsPath,
			message: `map "m": the pin has no path of its own: gobpf's callers gave the path; give it with --map m=PIN`},
		"gobpf, object": {m: pinned("gobpf", spec.PinObjectNS, spec.Legacy{}), err: legacy.ErrNeedsPath,
			message: `map "m": the pin has no path of its own: gobpf never implemented pinning by object (1); give a path with --map m=PIN`},
		"android": {m: pinned("android", spec.PinAndroid, spec.Legacy{}), roots: legacy.Roots{Object: "/system/etc/bpf/netd.o", Prefix: "net_shared/"},
			want: "/sys/fs/bpf/net_shared/map_netd_m"},
		"android, version and subdir": {m: pinned("android", spec.PinAndroid, spec.Legacy{Gates: &spec.Gates{Subdir: "tethering/"}}),
			roots: legacy.Roots{Object: "offload@btf.o", Prefix: "net_shared/"}, want: "/sys/fs/bpf/tethering/map_offload_m"},
		"android, shared": {m: pinned("android", spec.PinAndroid, spec.Legacy{Gates: &spec.Gates{Shared: true}}), want: "/sys/fs/bpf/map__m"},
		"android, object not known": {m: pinned("android", spec.PinAndroid, spec.Legacy{}), err: legacy.ErrNeedsObject,
			message: `map "m": the object file is not known: its name is part of the pin's`},
		"goebpf":            {m: &spec.Map{Name: "m", Pinning: spec.PinExplicit, PinPath: "/sys/fs/bpf/x/y"}, want: "/sys/fs/bpf/x/y"},
		"goebpf, elsewhere": {m: &spec.Map{Name: "m", Pinning: spec.PinExplicit, PinPath: "/sys/fs/bpf/x/y"}, roots: legacy.Roots{BPFFS: "/bpf"}, want: "/bpf/x/y"},
		"goebpf, below the root in use": {m: &spec.Map{Name: "m", Pinning: spec.PinExplicit, PinPath: "/bpf/x/y"}, roots: legacy.Roots{BPFFS: "/bpf"},
			want: "/bpf/x/y"},
		"goebpf, not below bpffs": {m: &spec.Map{Name: "m", Pinning: spec.PinExplicit, PinPath: "/etc/passwd"}, err: legacy.ErrUnsafePath,
			message: `unsafe pin path: "/etc/passwd" is not below /sys/fs/bpf`},
		"goebpf, bpffs itself": {m: &spec.Map{Name: "m", Pinning: spec.PinExplicit, PinPath: "/sys/fs/bpf/../bpf/x"}, err: legacy.ErrUnsafePath,
			message: `unsafe pin path: "/sys/fs/bpf/../bpf/x" is not below /sys/fs/bpf`},
		"BTF":                            {m: &spec.Map{Name: "m", Pinning: spec.PinByName}, want: "/sys/fs/bpf/m"},
		"BTF, replace":                   {m: &spec.Map{Name: "m", Pinning: spec.PinReplace}, roots: legacy.Roots{ByName: "/sys/fs/bpf/app"}, want: "/sys/fs/bpf/app/m"},
		"BTF, private to another loader": {m: &spec.Map{Name: "m", Pinning: 7}},
		"a name that is a path": {m: &spec.Map{Name: "../m", Pinning: spec.PinByName}, err: legacy.ErrUnsafePath,
			message: `unsafe pin path: "../m" below "/sys/fs/bpf"`},
		"a dialect without pins": {m: pinned("libbpf", spec.PinGlobalNS, spec.Legacy{}), err: legacy.ErrNeedsPath,
			message: `map "m": the pin has no path of its own: the libbpf dialect does not pin; give a path with --map m=PIN`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := legacy.PinPath(test.m, test.roots)
			if got != test.want || !errors.Is(err, test.err) {
				t.Errorf("got %q, %v; want %q, %v", got, err, test.want, test.err)
			}
			if err != nil && err.Error() != test.message {
				t.Errorf("message\n got %s\nwant %s", err, test.message)
			}
		})
	}
}

func TestProgramPinPath(t *testing.T) {
	tests := map[string]struct {
		def     legacy.ProgramDef
		section string
		roots   legacy.Roots
		want    string
		err     error
	}{
		"variant": {section: "schedcls/tether_downstream6_ether$5_4", def: legacy.ProgramDef{Gates: spec.Gates{Subdir: "tethering/"}},
			roots: legacy.Roots{Object: "offload.o"}, want: "/sys/fs/bpf/tethering/prog_offload_schedcls_tether_downstream6_ether"},
		"two dollars": {section: "xdp/a$b$c", roots: legacy.Roots{Object: "x@2.o"}, want: "/sys/fs/bpf/prog_x_xdp_a$b"},
		"location":    {section: "xdp/a", def: legacy.ProgramDef{PinPath: "/sys/fs/bpf/p"}, want: "/sys/fs/bpf/p"},
		"no object":   {section: "xdp/a", err: legacy.ErrNeedsObject},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := legacy.ProgramPinPath(test.def, test.section, test.roots)
			if got != test.want || !errors.Is(err, test.err) {
				t.Errorf("got %q, %v; want %q, %v", got, err, test.want, test.err)
			}
		})
	}
}

func TestReplaces(t *testing.T) {
	for _, test := range []struct {
		m    spec.Map
		want bool
	}{
		{spec.Map{Pinning: spec.PinGlobalNS, Legacy: &spec.Legacy{Dialect: "aws"}}, true},
		{spec.Map{Pinning: spec.PinNone, Legacy: &spec.Legacy{Dialect: "aws"}}, false},
		{spec.Map{Pinning: spec.PinGlobalNS, Legacy: &spec.Legacy{Dialect: "iproute2"}}, false},
		{spec.Map{Pinning: spec.PinReplace}, true},
		{spec.Map{Pinning: spec.PinByName}, false},
	} {
		if got := legacy.Replaces(&test.m); got != test.want {
			t.Errorf("%+v: got %t", test.m, got)
		}
	}
}

func TestParsePinIDs(t *testing.T) {
	const file = `
#
# subpath mappings from mount point for pinning
#
#3	tracing
4	foo/bar
 0x5 tc/cls1 # with a comment
010	octal
`
	got, err := legacy.ParsePinIDs([]byte(file))
	if err != nil {
		t.Fatal(err)
	}
	want := []legacy.PinID{{ID: 4, Subpath: "foo/bar"}, {ID: 5, Subpath: "tc/cls1"}, {ID: 8, Subpath: "octal"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("ids (-want +got):\n%s", diff)
	}
	for text, want := range map[string]string{
		"4":                 `pin ids: line 1: want a number and a directory, got "4"`,
		"#\n4 a b":          `pin ids: line 2: want a number and a directory, got "4 a b"`,
		"four tracing":      `pin ids: line 1: "four" is no 32-bit number`,
		"4294967296 toobig": `pin ids: line 1: "4294967296" is no 32-bit number`,
		"2 globals":         `pin ids: line 1: id 2 is reserved: 0 to 2 have a meaning of their own`,
	} {
		if _, err := legacy.ParsePinIDs([]byte(text)); err == nil || err.Error() != want {
			t.Errorf("%s\n got %v\nwant %s", strings.TrimSpace(text), err, want)
		}
	}
}
