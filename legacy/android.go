// SPDX-License-Identifier: MIT

package legacy

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/bpfload/bpfload/secdef"
	"github.com/bpfload/bpfload/spec"
)

// Sections in which Android's objects say which loader they are for.
const (
	sizeOfMapDef  = "size_of_bpf_map_def"
	sizeOfProgDef = "size_of_bpf_prog_def"
	minLoaderName = "bpfloader_min_ver"
	maxLoaderName = "bpfloader_max_ver"
	progsName     = "progs"
	criticalName  = "critical"
)

func isAndroidMarker(name string) bool {
	switch name {
	case sizeOfMapDef, minLoaderName, maxLoaderName, progsName:
		return true
	}
	return false
}

// Values of fields that a record is too short for, from Android's bpf_map_def.h.
const (
	defaultMaxLoader = 0x10000
	defaultMaxKernel = 0xffffffff
)

// androidGates are the fields that version 0.1 to 0.38 of bpfloader added.
var androidGates = slices.Concat(u32(fieldGID, fieldMode, fieldMinLoader, fieldMaxLoader, fieldMinKernel, fieldMaxKernel),
	bytesOf(fieldSELinux, 32), bytesOf(fieldSubdir, 32), bytesOf(fieldShared, 1), bytesOf(fieldIgnore, 1), pad(2))

// android is bpf_map_def of Android's bpfloader: 32 bytes in version 0.0, 48 in
// 0.2 (Android 12), 116 in 0.18 (13), 120 since 0.28. The last moved uid to the
// end, because older loaders had used it wrongly.
var android = dialect{
	name:  "android",
	about: "Android's bpfloader",
	sizes: []uint32{32, 40, 48, 116, 120},
	layouts: []layout{
		sequence(libbpfFields, u32(fieldUID), androidGates),
		sequence(libbpfFields, pad(4), androidGates, u32(fieldUID)),
	},
	extensible:  true,
	claim:       claimAndroid,
	vote:        voteAndroid,
	decode:      decodeAndroid,
	pin:         pinAndroid,
	conventions: []secdef.Convention{secdef.Android, secdef.Libbpf0},
}

func claimAndroid(o *object, _ *group) string {
	if o.android == "" {
		return ""
	}
	return fmt.Sprintf("section %q, which only Android's objects have", o.android)
}

// voteAndroid judges records without the sections that newer objects have: the
// owner is root, and the mode of a pin is one that its owner may read.
func voteAndroid(o *object, g *group) vote {
	if g.size == 40 || !android32(g.size) || g.any(func(d *definition) bool {
		mode := d.word(28)
		return d.word(20) != 0 || mode > 0o777 || mode&0o400 == 0
	}) != nil {
		return vote{}
	}
	return vote{sure, "the word at +0x14, uid, is 0 and that at +0x1c is the mode of a file in every record"}
}

func android32(size uint64) bool {
	switch size {
	case 32, 48, 116, 120:
		return true
	}
	return false
}

func decodeAndroid(r record, m *spec.Map) error {
	l := m.Legacy
	l.UID, l.GID, l.Mode = r.u32(fieldUID), r.u32(fieldGID), r.u32(fieldMode)
	gates := r.gates()
	l.Gates = &gates
	m.Pinning = spec.PinAndroid
	signed := r.place.Size >= 120
	if r.shape != nil {
		signed = r.shape.signed
	}
	if n := int32(m.MaxEntries); n < 0 && signed {
		m.MaxEntries = -m.MaxEntries
		m.Flags |= noPrealloc
	}
	return nil
}

// gates reads the conditions of a record, with Android's defaults for what it is
// too short to say.
func (r record) gates() spec.Gates {
	return spec.Gates{
		MinLoader: r.u32(fieldMinLoader),
		MaxLoader: r.or(fieldMaxLoader, defaultMaxLoader),
		MinKernel: r.u32(fieldMinKernel),
		MaxKernel: r.or(fieldMaxKernel, defaultMaxKernel),
		Ignore:    r.u32(fieldIgnore),
		Optional:  r.u32(fieldOptional) != 0,
		SELinux:   r.text(fieldSELinux),
		Subdir:    r.text(fieldSubdir),
		Shared:    r.u32(fieldShared) != 0,
	}
}

func pinAndroid(m *spec.Map, roots Roots) (string, error) {
	var g spec.Gates
	if m.Legacy.Gates != nil { // a caller may have made the map
		g = *m.Legacy.Gates
	}
	object := ""
	if !g.Shared {
		if object = objectName(roots.Object); object == "" {
			return "", fmt.Errorf("map %q: %w: its name is part of the pin's", m.Name, ErrNeedsObject)
		}
	}
	return roots.join(roots.bpffs(), androidDir(g, roots), "map_"+object+"_"+m.Name)
}

func androidDir(g spec.Gates, roots Roots) string {
	if g.Subdir != "" {
		return g.Subdir
	}
	return roots.Prefix
}

// objectName is the part of an object's file name that goes into its pins: NAME
// of NAME.o, and of NAME@VERSION.o.
func objectName(file string) string {
	name := strings.TrimSuffix(path.Base(file), ".o")
	name, _, _ = strings.Cut(name, "@")
	if name == "." || name == "/" {
		return ""
	}
	return name
}
