// SPDX-License-Identifier: MIT

package attach

import (
	"debug/elf"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
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
		ex, err := executable(file)
		if err != nil {
			return nil, err
		}
		many := func() ([]Link, error) {
			if function == "" {
				return uprobes(ex, ret, p, nil, &link.UprobeMultiOptions{Addresses: []uint64{address + offset}})
			}
			return uprobes(ex, ret, p, []string{function}, &link.UprobeMultiOptions{Offsets: []uint64{offset}})
		}
		if p.multi() {
			return many()
		}
		opts, probe := &link.UprobeOptions{Address: address, Offset: offset}, ex.Uprobe
		if ret {
			probe = ex.Uretprobe
		}
		links, err := one(probe(function, p.Program, opts))
		if errors.Is(err, unix.EINVAL) {
			// Loaded for links to many: the kernel does not tell of a pinned
			// program, nor the section of one for static probes.
			if links, err := many(); err == nil {
				return links, nil
			}
		}
		return links, err
	}, nil
}

func parseUprobeMulti(t *Target) (attacher, error) {
	file, pattern, ok := cutLast(t.Place)
	if !ok {
		return nil, fmt.Errorf("%q: want PATH:PATTERN", t.Place)
	}
	kind := t.Kind
	return func(p *Program) ([]Link, error) {
		ex, err := executable(file)
		if err != nil {
			return nil, err
		}
		functions := []string{pattern}
		if isPattern(pattern) {
			if functions, err = fileFunctions(file, pattern); err != nil {
				return nil, err
			}
		}
		if at, _ := p.attachType(); at == spec.AttachTraceUprobeSession || kind == "uprobe.session" {
			return uprobeSession(file, p, functions)
		}
		return uprobes(ex, kind == "uretprobe.multi", p, functions, nil)
	}, nil
}

// uprobeSession attaches to the beginning and the end of functions at once, for which
// the library has no call.
func uprobeSession(name string, p *Program, functions []string) ([]Link, error) {
	path, err := findFile(name)
	if err != nil {
		return nil, err
	}
	places, err := functionOffsets(path, functions)
	if err != nil {
		return nil, err
	}
	fd, err := sys.Host{}.BPF(&sys.LinkUprobeMulti{
		LinkCreate: sys.LinkCreate{ProgFD: uint32(p.FD()), AttachType: uint32(spec.AttachTraceUprobeSession)},
		Path:       sys.CString(path), Offsets: sys.Slice(places), Count: uint32(len(places)),
	})
	if err != nil {
		return nil, err
	}
	return one(link.NewFromFD(fd))
}

func uprobes(ex *link.Executable, ret bool, p *Program, functions []string, opts *link.UprobeMultiOptions) ([]Link, error) {
	if ret {
		return one(ex.UretprobeMulti(functions, p.Program, opts))
	}
	return one(ex.UprobeMulti(functions, p.Program, opts))
}

func executable(name string) (*link.Executable, error) {
	path, err := findFile(name)
	if err != nil {
		return nil, err
	}
	return link.OpenExecutable(path)
}

// findFile looks for a bare name where the system keeps libraries, if it looks like
// one, or programs.
func findFile(name string) (string, error) {
	if strings.Contains(name, "/") {
		return name, nil
	}
	if !strings.HasSuffix(name, ".so") && !strings.Contains(name, ".so.") {
		path, err := exec.LookPath(name)
		if err != nil {
			return "", notFound("there is no program %q in PATH", name)
		}
		return path, nil
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

// functionOffsets returns where functions begin in their file, in the same order.
func functionOffsets(path string, names []string) ([]uint64, error) {
	f, err := elf.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	at := make(map[string]uint64)
	err = eachFunction(f, func(s *elf.Symbol) {
		for _, seg := range f.Progs {
			if seg.Type == elf.PT_LOAD && seg.Flags&elf.PF_X != 0 && s.Value >= seg.Vaddr && s.Value-seg.Vaddr < seg.Memsz {
				at[s.Name] = s.Value - seg.Vaddr + seg.Off
			}
		}
	})
	if err != nil {
		return nil, err
	}
	list := make([]uint64, len(names))
	for i, name := range names {
		var ok bool
		if list[i], ok = at[name]; !ok {
			return nil, notFound("%s has no function %q", path, name)
		}
	}
	return list, nil
}

// eachFunction calls yield for the functions that a file has.
func eachFunction(f *elf.File, yield func(*elf.Symbol)) error {
	for _, table := range []func() ([]elf.Symbol, error){f.Symbols, f.DynamicSymbols} {
		symbols, err := table()
		if err != nil && !errors.Is(err, elf.ErrNoSymbols) {
			return err
		}
		for i := range symbols {
			if s := &symbols[i]; elf.ST_TYPE(s.Info) == elf.STT_FUNC && s.Section != elf.SHN_UNDEF {
				yield(s)
			}
		}
	}
	return nil
}

// fileFunctions lists the functions of a file that match.
func fileFunctions(name, pattern string) ([]string, error) {
	path, err := findFile(name)
	if err != nil {
		return nil, err
	}
	f, err := elf.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var list []string
	err = eachFunction(f, func(s *elf.Symbol) {
		if match(pattern, s.Name) {
			list = append(list, s.Name)
		}
	})
	if err != nil {
		return nil, err
	}
	slices.Sort(list)
	list = slices.Compact(list)
	if len(list) == 0 {
		return nil, notFound("no function of %s matches %q", path, pattern)
	}
	return list, nil
}
