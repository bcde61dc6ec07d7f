// SPDX-License-Identifier: MIT

package attach

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/cilium/ebpf/link"
	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/sys"
	"github.com/bpfload/bpfload/spec"
)

func parseUprobe(t *Target) (attacher, error) {
	file, place, ok := cutLast(t.Place)
	if !ok {
		return nil, fmt.Errorf("%q: want PATH:FUNC", t.Place)
	}
	function, offset, err := cutOffset(place)
	if err != nil {
		return nil, err
	}
	ret := t.Kind == "uretprobe"
	if ret && offset != 0 {
		return nil, errors.New("a return has no offset")
	}
	address, err := strconv.ParseUint(function, 0, 64)
	if err == nil {
		function = "" // a place in the file
	}
	return func(p *Program) ([]Link, error) {
		path, err := findFile(file)
		if err != nil {
			return nil, err
		}
		at := address
		if function != "" {
			if at, err = functionPlace(path, function, offset); err != nil {
				return nil, err
			}
		} else {
			at += offset
		}
		if at == 0 {
			return nil, notFound("%s has no code at 0: its header is there", path)
		}
		ex, err := link.OpenExecutable(path)
		if err != nil {
			return nil, err
		}
		if p.multi() {
			return uprobes(ex, ret, p, []uint64{at})
		}
		probe := ex.Uprobe
		if ret {
			probe = ex.Uretprobe
		}
		links, err := one(probe(function, p.Program, &link.UprobeOptions{Address: at}))
		if errors.Is(err, unix.EINVAL) {
			// Loaded for links to many: the kernel does not tell of a pinned
			// program, nor the section of one for static probes.
			if links, err := uprobes(ex, ret, p, []uint64{at}); err == nil {
				return links, nil
			}
		}
		return links, err
	}, nil
}

// functionPlace returns the place in a file that is offset bytes into a function.
func functionPlace(path, name string, offset uint64) (uint64, error) {
	fn, err := findFunction(path, name)
	if err != nil {
		return 0, err
	}
	if fn.size > 0 && offset >= fn.size {
		return 0, notFound("%s of %s has %d bytes: there is no %s+%#x", name, path, fn.size, name, offset)
	}
	return fn.offset + offset, nil
}

func parseUprobeMulti(t *Target) (attacher, error) {
	file, pattern, ok := cutLast(t.Place)
	if !ok {
		return nil, fmt.Errorf("%q: want PATH:PATTERN", t.Place)
	}
	kind := t.Kind
	return func(p *Program) ([]Link, error) {
		path, err := findFile(file)
		if err != nil {
			return nil, err
		}
		places, err := findFunctions(path, pattern)
		if err != nil {
			return nil, err
		}
		if at, _ := p.attachType(); at == spec.AttachTraceUprobeSession || kind == "uprobe.session" {
			return uprobeSession(path, p, places)
		}
		ex, err := link.OpenExecutable(path)
		if err != nil {
			return nil, err
		}
		return uprobes(ex, kind == "uretprobe.multi", p, places)
	}, nil
}

// uprobeSession attaches to the beginning and the end of functions at once, for which
// the library has no call.
func uprobeSession(path string, p *Program, places []uint64) ([]Link, error) {
	fd, err := sys.Host{}.BPF(&sys.LinkUprobeMulti{
		LinkCreate: sys.LinkCreate{ProgFD: uint32(p.FD()), AttachType: uint32(spec.AttachTraceUprobeSession)},
		Path:       sys.CString(path), Offsets: sys.Slice(places), Count: uint32(len(places)),
	})
	if err != nil {
		return nil, err
	}
	return one(link.NewFromFD(fd))
}

func uprobes(ex *link.Executable, ret bool, p *Program, places []uint64) ([]Link, error) {
	opts := &link.UprobeMultiOptions{Addresses: places}
	if ret {
		return one(ex.UretprobeMulti(nil, p.Program, opts))
	}
	return one(ex.UprobeMulti(nil, p.Program, opts))
}

// findFile looks for a bare name where the system keeps libraries, if it looks like
// one, or programs.
func findFile(name string) (string, error) {
	if strings.Contains(name, "/") {
		return name, nil
	}
	if !strings.HasSuffix(name, ".so") && !strings.Contains(name, ".so.") {
		// Boot scripts may have no PATH, or a short one.
		for _, dir := range []string{"", "/usr/bin", "/usr/sbin"} {
			if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
				return path, nil
			}
		}
		return "", notFound("there is no program %q in PATH", name)
	}
	dirs := filepath.SplitList(os.Getenv("LD_LIBRARY_PATH"))
	more, _ := filepath.Glob("/usr/lib/*-linux-gnu*")
	for _, dir := range append(append(dirs, "/usr/lib64", "/usr/lib", "/lib64", "/lib"), more...) {
		path := filepath.Join(dir, name)
		if st, err := os.Stat(path); err == nil && st.Mode().IsRegular() {
			return path, nil
		}
	}
	return "", notFound("there is no library %q where the system keeps them", name)
}
