// SPDX-License-Identifier: MIT

package legacy_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/legacy"
)

// What tells an object for ir-keytable from one for the loader that its own was made
// from: the section of the records, or before that, the code.
func TestKeytable(t *testing.T) {
	record := rec{name: "state", words: []uint32{2, 4, 16, 1, 0, 0, 0}}
	plain := "no word after map_flags is set, and without them the dialects of this size do not differ"
	calls := func(section, helper string) []string {
		return []string{`the code in section "` + section + `" calls ` + helper + `, as only decoders of infrared signals may, and of their loaders only ir-keytable knows a section of that name`}
	}
	for name, tc := range map[string]struct {
		section string // of the records
		code    string // section
		helper  int32  // that the code calls
		records []rec
		dialect string
		why     []string
	}{
		"by section":             {"lirc_mode2/maps", "lirc_mode2/nec", 1, []rec{record}, "keytable", []string{`section "lirc_mode2/maps", which only ir-keytable's objects have`}},
		"by bpf_rc_repeat":       {"maps", "nec", 77, []rec{record}, "keytable", calls("nec", "bpf_rc_repeat")},
		"by bpf_rc_keydown":      {"maps", "nec", 78, []rec{record}, "keytable", calls("nec", "bpf_rc_keydown")},
		"by bpf_rc_pointer_rel":  {"maps", "mouse", 92, []rec{record}, "keytable", calls("mouse", "bpf_rc_pointer_rel")},
		"another helper":         {"maps", "nec", 1, []rec{record}, "samples", []string{"records of 28 bytes", plain}},
		"a section with a type":  {"maps", "lirc_mode2", 78, []rec{record}, "samples", []string{"records of 28 bytes", plain}},
		"a record of other size": {"maps", "nec", 78, []rec{{name: "state", words: []uint32{2, 4, 16, 1, 0}}}, "libbpf", []string{"records of 20 bytes", "no other dialect has this size"}},
	} {
		t.Run(name, func(t *testing.T) {
			bothOrders(t, func(t *testing.T, o *elftest.Object) {
				addMaps(o, tc.section, tc.records...)
				o.Func("decode", o.Code(tc.code, elftest.CallHelper(tc.helper), elftest.Exit), 0, 16)
				maps, warnings, err := decode(t, o, legacy.Options{})
				if err != nil {
					t.Fatal(err)
				}
				checkCodes(t, nil, warnings)
				l := maps[0].Legacy
				if l.Dialect != tc.dialect {
					t.Errorf("read as %s", l.Dialect)
				}
				if d := cmp.Diff(tc.why, l.Evidence); d != "" {
					t.Errorf("evidence (-want +got):\n%s", d)
				}
				if got, want := legacy.Immediates(maps), tc.dialect == "keytable"; got != want {
					t.Errorf("variables stand for their values: %v", got)
				}
			})
		})
	}
}

// Errors in ir-keytable's section have their place as those of others do.
func TestKeytableErrors(t *testing.T) {
	for name, tc := range map[string]struct {
		words []uint32
		want  string
	}{
		"more than is known": {[]uint32{2, 4, 16, 1, 0, 0, 0, 9}, `section "lirc_mode2/maps"+0x1c (map "state"): the word at +0x1c is 0x9: the keytable dialect has no field there`},
		"short":              {[]uint32{2, 4, 16}, `section "lirc_mode2/maps"+0x0 (map "state"): 12 bytes are no map record: the shortest has 16`},
		"no type":            {[]uint32{0, 4, 16, 1, 0, 0, 0}, `section "lirc_mode2/maps"+0x0 (map "state"): type is 0: this is no map record`},
	} {
		o := &elftest.Object{}
		addMaps(o, "lirc_mode2/maps", rec{name: "state", words: tc.words})
		if _, _, err := decode(t, o, legacy.Options{}); err == nil || err.Error() != tc.want {
			t.Errorf("%s: %v\nwant %s", name, err, tc.want)
		}
	}
}
