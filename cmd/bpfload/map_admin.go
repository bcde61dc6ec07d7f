// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"net"
	"path/filepath"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/bpfload/bpfload/internal/plain"
	"github.com/bpfload/bpfload/mapops"
	"github.com/bpfload/bpfload/spec"
)

func newMapFreeze(e *env) *cobra.Command {
	return &cobra.Command{
		Use:     "freeze PIN",
		Short:   "Keep user space from writing a map, for good",
		Long:    `freeze makes a map read-only for user space; programs may go on writing it. Nothing undoes it.`,
		Example: "  bpfload map freeze /sys/fs/bpf/demo",
		RunE: func(cmd *cobra.Command, args []string) error {
			return e.withMap(cmd, args, false, func(v *mapVerb, rest []string) error {
				if _, err := v.operands(rest); err != nil {
					return err
				}
				if err := v.m.Freeze(); err != nil {
					return err
				}
				return v.show(nil, nil, nil)
			})
		},
	}
}

func newMapPin(e *env) *cobra.Command {
	return &cobra.Command{
		Use:     "pin PIN|id:N PATH",
		Short:   "Give a map another pin",
		Long:    `pin makes a map known under another path on a bpffs, whose directory exists and is safe.`,
		Example: "  bpfload map pin /sys/fs/bpf/counters/counters /sys/fs/bpf/kept",
		RunE: func(cmd *cobra.Command, args []string) error {
			return e.withMap(cmd, args, false, func(v *mapVerb, rest []string) error {
				texts, err := v.operands(rest, "path")
				if err != nil {
					return err
				}
				path, err := filepath.Abs(texts[0])
				if err != nil {
					return err
				}
				if err := v.m.Pin(path); err != nil {
					return err
				}
				v.pin = path
				return v.show(nil, nil, nil)
			})
		},
	}
}

// createFlags describe a map to be created.
type createFlags struct {
	typ, name, flags, extra, inner, device string
	key, value                             uint32
	entries                                string
	numa                                   int
}

func newMapCreate(e *env) *cobra.Command {
	var f createFlags
	cmd := &cobra.Command{
		Use:   "create PATH --type TYPE",
		Short: "Create a map and pin it",
		Long: `create creates a map without types and pins it. Sizes that the type settles, such
as the 4 bytes of an array's key, may be left out.`,
		Example: "  bpfload map create /sys/fs/bpf/demo --type hash --key 4 --value 4 --entries 1024",
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return hinted(usagef("map create: want one PATH, got %d operands", len(args)), "try: bpfload map create --help")
			}
			path, err := filepath.Abs(args[0])
			if err != nil {
				return err
			}
			d, err := f.definition(path)
			if err != nil {
				return err
			}
			m, err := mapops.Create(d, nil)
			if err != nil {
				return err
			}
			defer m.Close()
			if err := m.Pin(path); err != nil {
				return err
			}
			v := &mapVerb{e: e, op: "create", pin: path, m: m}
			return v.show(nil, nil, fmt.Appendf(nil, "map %s: %s, pinned at %s", plain.Line(m.Name), m.TypeName(), plain.Line(path)))
		},
	}
	fs := cmd.Flags()
	fs.StringVar(&f.typ, "type", "", "`TYPE` of the map, such as hash")
	fs.StringVar(&f.name, "name", "", "`NAME` in the kernel; that of the pin if not given")
	fs.Uint32Var(&f.key, "key", 0, "size of a key in `BYTES`")
	fs.Uint32Var(&f.value, "value", 0, "size of a value in `BYTES`")
	fs.StringVar(&f.entries, "entries", "0", "the most entries, or bytes of a ring buffer; `N` may be ncpu")
	fs.StringVar(&f.flags, "flags", "0", "map_flags, a number or a `LIST` such as no_prealloc,rdonly_prog")
	fs.StringVar(&f.extra, "extra", "0", "map_extra, a number: of a bloom filter that of its hashes")
	fs.StringVar(&f.inner, "inner", "", "pin or id of a `MAP` such as a map of maps will hold")
	fs.StringVar(&f.device, "device", "", "network `INTERFACE` to hold the map")
	fs.IntVar(&f.numa, "numa", -1, "NUMA `NODE` to hold the map")
	return cmd
}

func (f *createFlags) definition(path string) (mapops.Definition, error) {
	d := mapops.Definition{Name: f.name, KeySize: f.key, ValueSize: f.value}
	if d.Name == "" {
		d.Name = filepath.Base(path)
	}
	if f.typ == "" {
		return d, hinted(usagef("map create: no --type given"), "try: --type hash")
	}
	var ok bool
	if d.Type, ok = spec.ParseMapType(f.typ); !ok {
		err := usagef("--type %s: no such type of map", f.typ)
		if near := nearest(f.typ, spec.MapTypeNames()); near != "" {
			err = hinted(err, "did you mean: "+near)
		}
		return d, err
	}
	var err error
	if d.MaxEntries, err = parseEntries(f.entries); err != nil {
		return d, usagef("--entries %s: %v", f.entries, err)
	}
	if d.Flags, err = mapops.ParseCreateFlags(f.flags); err != nil {
		return d, err
	}
	if d.Extra, err = strconv.ParseUint(f.extra, 0, 64); err != nil {
		return d, usagef("--extra %s: want a number", f.extra)
	}
	if f.inner != "" {
		if d.Inner, err = mapRef(f.inner); err != nil {
			return d, err
		}
	}
	if f.device != "" {
		dev, err := net.InterfaceByName(f.device)
		if err != nil {
			return d, usagef("--device %s: no such network interface", f.device)
		}
		d.Ifindex = uint32(dev.Index)
	}
	if f.numa >= 0 {
		const numaNode = 1 << 2 // BPF_F_NUMA_NODE
		d.NUMANode, d.Flags = uint32(f.numa), d.Flags|numaNode
	}
	return d, nil
}
