// SPDX-License-Identifier: MIT

package legacy

import (
	"errors"
	"fmt"
	"path"
	"strconv"
	"strings"

	"github.com/bpfload/bpfload/spec"
)

var (
	// ErrUnknownPinID says that a record's pinning is a number that the file of
	// pin ids does not have. iproute2 leaves such a map unpinned.
	ErrUnknownPinID = errors.New("unknown pin id")
	// ErrNeedsPath says that the caller has to give the path of a pin.
	ErrNeedsPath = errors.New("the pin has no path of its own")
	// ErrNeedsObject says that the pin's path depends on the object file, of
	// which the caller has not told.
	ErrNeedsObject = errors.New("the object file is not known")
	// ErrUnsafePath says that a path from the object leads out of the BPF file
	// system.
	ErrUnsafePath = errors.New("unsafe pin path")
)

// DefaultBPFFS is where the loaders of legacy objects expected the BPF file
// system.
const DefaultBPFFS = "/sys/fs/bpf"

// Roots are what the path of a pin depends on besides the object. The zero Roots
// is a machine's default.
type Roots struct {
	BPFFS      string  // root of the BPF file system; "" means DefaultBPFFS
	ByName     string  // directory for pins by name; "" means BPFFS
	ObjectSHA1 string  // of the object file, 40 hex digits, for iproute2's PIN_OBJECT_NS
	PinIDs     []PinID // iproute2's own modes
	Object     string  // file name of the object, for Android's pins
	Prefix     string  // Android's subdirectory for the place the object came from
	Custom     string  // aws-ebpf-sdk-go's prefix for names
}

func (r Roots) bpffs() string {
	if r.BPFFS == "" {
		return DefaultBPFFS
	}
	return path.Clean(r.BPFFS)
}

func (r Roots) byName() string {
	if r.ByName == "" {
		return r.bpffs()
	}
	return path.Clean(r.ByName)
}

// join makes a path of root and parts that came from a file, and makes sure that
// it stays below root. The last part is a name.
func (r Roots) join(root string, parts ...string) (string, error) {
	name := parts[len(parts)-1]
	p := path.Join(root, path.Join(parts...))
	if name == "" || name == "." || name == ".." || strings.ContainsAny(name, "/\x00") ||
		!strings.HasPrefix(p, strings.TrimSuffix(root, "/")+"/") || path.Base(p) != name {
		return "", fmt.Errorf("%w: %q below %q", ErrUnsafePath, path.Join(parts...), root)
	}
	return p, nil
}

// rebase moves an absolute path below DefaultBPFFS to the root in use.
func (r Roots) rebase(p string) (string, error) {
	root := r.bpffs()
	if strings.HasPrefix(p, root+"/") && path.Clean(p) == p {
		return p, nil
	}
	rest, ok := strings.CutPrefix(p, DefaultBPFFS+"/")
	if !ok || path.Clean(p) != p {
		return "", fmt.Errorf("%w: %q is not below %s", ErrUnsafePath, p, root)
	}
	return path.Join(root, rest), nil
}

// PinPath returns the absolute path at which a map asks to be pinned, "" for a
// map that is not to be pinned. It looks at nothing but its arguments.
//
// An error is [ErrUnknownPinID], [ErrNeedsPath], [ErrNeedsObject] or
// [ErrUnsafePath]; the message names the map and what to do.
func PinPath(m *spec.Map, roots Roots) (string, error) {
	switch {
	case m.PinPath != "":
		return roots.rebase(m.PinPath)
	case m.Pinning == spec.PinNone:
		return "", nil
	case m.Legacy == nil && m.Pinning != spec.PinByName && m.Pinning != spec.PinReplace:
		return "", nil // private to another loader; btfmaps has warned
	case m.Legacy == nil:
		return roots.join(roots.byName(), m.Name)
	}
	if d := dialectNamed(m.Legacy.Dialect); d != nil && d.pin != nil {
		return d.pin(m, roots)
	}
	return "", fmt.Errorf("map %q: %w: the %s dialect does not pin; give a path with --map %s=PIN", m.Name, ErrNeedsPath, m.Legacy.Dialect, m.Name)
}

// A PinID is a line of iproute2's file of pin ids, /etc/iproute2/bpf_pinning.
type PinID struct {
	ID      uint32 // 3 or more
	Subpath string // below the BPF file system
}

// ParsePinIDs reads iproute2's file of pin ids: a number and a directory on each
// line, comments from # on. Of two lines with one number the later counts.
func ParsePinIDs(data []byte) ([]PinID, error) {
	var ids []PinID
	number := 0
	for line := range strings.Lines(string(data)) {
		number++
		line, _, _ = strings.Cut(line, "#")
		fields := strings.Fields(line)
		if len(fields) == 0 {
			continue
		}
		if len(fields) != 2 {
			return nil, fmt.Errorf("pin ids: line %d: want a number and a directory, got %q", number, strings.TrimSpace(line))
		}
		id, err := strconv.ParseUint(fields[0], 0, 32)
		if err != nil {
			return nil, fmt.Errorf("pin ids: line %d: %q is no 32-bit number", number, fields[0])
		}
		if id <= pinGlobalNS {
			return nil, fmt.Errorf("pin ids: line %d: id %d is reserved: 0 to 2 have a meaning of their own", number, id)
		}
		ids = append(ids, PinID{uint32(id), fields[1]})
	}
	return ids, nil
}
