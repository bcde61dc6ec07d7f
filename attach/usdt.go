// SPDX-License-Identifier: MIT

package attach

import (
	"errors"
	"fmt"
	"os"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/link"

	"github.com/bpfload/bpfload/attach/usdt"
	"github.com/bpfload/bpfload/loader"
)

// parseUSDT reads PATH:PROVIDER:NAME.
func parseUSDT(t *Target) (attacher, error) {
	rest, name, ok := cutLast(t.Place)
	file, provider, ok2 := cutLast(rest)
	if !ok || !ok2 {
		return nil, fmt.Errorf("%q: want PATH:PROVIDER:NAME", t.Place)
	}
	return func(p *Program) ([]Link, error) {
		path, err := findFile(file)
		if err != nil {
			return nil, err
		}
		probes, args, err := findProbes(path, provider, name)
		if err != nil {
			return nil, err
		}
		specs, done, err := openSpecs(p)
		if err != nil {
			return nil, err
		}
		defer done()
		cookies, err := placeSpecs(specs, args)
		if err != nil {
			return nil, err
		}
		ex, err := link.OpenExecutable(path)
		if err != nil {
			return nil, err
		}
		return attachProbes(ex, p, probes, cookies)
	}, nil
}

// findProbes returns the places of a static probe, with the arguments of each.
func findProbes(path, provider, name string) ([]usdt.Probe, [][]usdt.Arg, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	probes, machine, err := usdt.Find(f, provider, name)
	switch {
	case errors.Is(err, usdt.ErrNoProbes), errors.Is(err, usdt.ErrNotFound):
		e := notFound("%s: %w", path, err)
		e.Advice = "readelf --notes " + path + " lists the static probes of the file"
		return nil, nil, e
	case err != nil:
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	args := make([][]usdt.Arg, len(probes))
	for i, p := range probes {
		if args[i], err = usdt.ParseArgs(machine, p.Args); err != nil {
			return nil, nil, fmt.Errorf("%s: the probe at %#x: %w", path, p.Offset, err)
		}
	}
	return probes, args, nil
}

// openSpecs opens the map that the program finds arguments with.
func openSpecs(p *Program) (*ebpf.Map, func(), error) {
	m, done, err := p.openMap(usdt.SpecMap)
	if err != nil {
		e := usage("the program has no map %s, which a static probe's arguments are described in", usdt.SpecMap)
		e.Advice = "include <bpf/usdt.bpf.h> in its source; a probe on the bare place takes uprobe:PATH:0xOFFSET"
		return nil, nil, e
	}
	return m, done, nil
}

// placeSpecs writes what describes each place's arguments into the map, once where
// several are alike, and returns the indices. Elements that are in use stay as they
// are.
func placeSpecs(m *ebpf.Map, args [][]usdt.Arg) ([]uint64, error) {
	elements := newElements(m)
	indices := make([]uint64, len(args))
	for i := range args {
		s := usdt.Spec{Args: args[i]}
		want, err := s.Encode(int(m.ValueSize()))
		if err != nil {
			return nil, err
		}
		if indices[i], err = elements.place(want); err != nil {
			return nil, err
		}
	}
	return indices, nil
}

// elements are those of the map of a program, read as far as they were needed.
type elements struct {
	m    *ebpf.Map
	at   map[string]uint64 // where one stands
	next uint32            // the first that was not read
}

func newElements(m *ebpf.Map) *elements { return &elements{m: m, at: make(map[string]uint64)} }

func (e *elements) place(want []byte) (uint64, error) {
	if at, ok := e.at[string(want)]; ok {
		return at, nil
	}
	for ; e.next < e.m.MaxEntries(); e.next++ {
		i := e.next
		element, err := e.m.LookupBytes(i)
		if err != nil {
			return 0, err
		}
		if usdt.Used(element) {
			e.at[string(element)] = uint64(i)
			if string(element) != string(want) {
				continue
			}
		} else if err := e.m.Put(i, want); err != nil {
			return 0, err
		}
		e.at[string(want)] = uint64(i)
		e.next++
		return uint64(i), nil
	}
	return 0, &loader.Error{Class: loader.ClassRefused, Code: "map-full", Map: usdt.SpecMap,
		Err:    fmt.Errorf("map %s is full: it has room for the arguments of %d static probes", usdt.SpecMap, e.m.MaxEntries()),
		Advice: fmt.Sprintf("load with --max-entries %s=%d", usdt.SpecMap, 2*e.m.MaxEntries())}
}

// attachProbes attaches to all places with one link if the program was loaded for
// that, which only the kernel knows for sure, otherwise with one link for each.
func attachProbes(ex *link.Executable, p *Program, probes []usdt.Probe, cookies []uint64) (links []Link, err error) {
	opts := &link.UprobeMultiOptions{Cookies: cookies}
	for _, p := range probes {
		opts.Addresses = append(opts.Addresses, p.Offset)
		opts.RefCtrOffsets = append(opts.RefCtrOffsets, p.Semaphore)
	}
	if links, err = one(ex.UprobeMulti(nil, p.Program, opts)); err == nil || p.multi() {
		return links, err
	}
	for i, place := range probes {
		l, err := ex.Uprobe("", p.Program, &link.UprobeOptions{Address: place.Offset, RefCtrOffset: place.Semaphore, Cookie: cookies[i]})
		if err != nil {
			closeAll(links)
			return nil, fmt.Errorf("the probe at %#x: %w", place.Offset, err)
		}
		links = append(links, l)
	}
	return links, nil
}
