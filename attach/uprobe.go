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
		switch {
		case p.multi() && function == "":
			return uprobes(ex, ret, p, nil, &link.UprobeMultiOptions{Addresses: []uint64{address + offset}})
		case p.multi():
			return uprobes(ex, ret, p, []string{function}, &link.UprobeMultiOptions{Offsets: []uint64{offset}})
		}
		opts := &link.UprobeOptions{Address: address, Offset: offset}
		if ret {
			return one(ex.Uretprobe(function, p.Program, opts))
		}
		return one(ex.Uprobe(function, p.Program, opts))
	}, nil
}

func parseUprobeMulti(t *Target) (attacher, error) {
	file, pattern, ok := cutLast(t.Place)
	if !ok {
		return nil, fmt.Errorf("%q: want PATH:PATTERN", t.Place)
	}
	ret := t.Kind == "uretprobe.multi"
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
		return uprobes(ex, ret, p, functions, nil)
	}, nil
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
	for _, table := range []func() ([]elf.Symbol, error){f.Symbols, f.DynamicSymbols} {
		symbols, err := table()
		if err != nil && !errors.Is(err, elf.ErrNoSymbols) {
			return nil, err
		}
		for _, s := range symbols {
			if elf.ST_TYPE(s.Info) == elf.STT_FUNC && s.Section != elf.SHN_UNDEF && match(pattern, s.Name) {
				list = append(list, s.Name)
			}
		}
	}
	slices.Sort(list)
	list = slices.Compact(list)
	if len(list) == 0 {
		return nil, notFound("no function of %s matches %q", path, pattern)
	}
	return list, nil
}
