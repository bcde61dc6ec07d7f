// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/bpfload/bpfload/internal/bpffs"
	"github.com/bpfload/bpfload/internal/sys"
	"github.com/bpfload/bpfload/loader"
)

// pinFlags say where the loaded set goes and what becomes of pins that are there.
type pinFlags struct {
	dir, bpffs, reuse, mode, owner string
	maps                           []string
	replace, mount                 bool
	wait                           time.Duration
}

func (p *pinFlags) add(f *pflag.FlagSet) {
	f.StringVar(&p.dir, "pin", "", "`DIR` on a bpffs to pin maps and programs in")
	f.BoolVar(&p.replace, "replace", false, "put the new set in the place of the one in DIR, in one step")
	f.StringVar(&p.reuse, "reuse", "", "maps that are pinned already: never, compatible or require")
	f.StringArrayVar(&p.maps, "map", nil, "use a pinned map for one of the object's, as `NAME=PIN`")
	f.StringVar(&p.mode, "mode", "", "permissions of the pins, in octal, such as 0640")
	f.StringVar(&p.owner, "owner", "", "`USER[:GROUP]` to own the pins")
	f.StringVar(&p.bpffs, "bpffs", bpffs.DefaultRoot, "`DIR` below which maps are pinned that ask for it by name")
	f.DurationVar(&p.wait, "wait-bpffs", 0, "wait so long for the bpffs to be mounted, such as 10s")
	f.Lookup("wait-bpffs").NoOptDefVal = "30s"
	f.BoolVar(&p.mount, "mount-bpffs", false, "mount the bpffs if it is not there")
}

func (p *pinFlags) apply(o *loader.LoadOptions) error {
	switch p.reuse {
	case "":
	case "never":
		o.Reuse = loader.ReuseNever
	case "compatible":
		o.Reuse = loader.ReuseCompatible
	case "require":
		o.Reuse = loader.ReuseRequire
	default:
		return usagef("--reuse=%s: want never, compatible or require", p.reuse)
	}
	var err error
	if p.dir != "" {
		if o.PinDir, err = filepath.Abs(p.dir); err != nil {
			return err
		}
	}
	if o.BPFFS, err = filepath.Abs(p.bpffs); err != nil {
		return err
	}
	o.Replace = p.replace
	if p.wait < 0 {
		return usagef("--wait-bpffs=%v: want a time such as 10s", p.wait)
	}
	for _, s := range p.maps {
		name, pin, ok := strings.Cut(s, "=")
		if !ok || pin == "" {
			return usagef("--map %s: want NAME=PIN", s)
		}
		if o.MapPins == nil {
			o.MapPins = make(map[string]string)
		}
		if o.MapPins[name], err = filepath.Abs(pin); err != nil {
			return err
		}
	}
	if p.mode != "" {
		n, err := strconv.ParseUint(p.mode, 8, 12)
		if err != nil || n == 0 || n > 0o777 {
			return usagef("--mode %s: want permissions in octal, such as 0640", p.mode)
		}
		o.Mode = os.FileMode(n)
	}
	if p.owner != "" {
		if o.Owner, err = parseOwner(p.owner); err != nil {
			return usagef("--owner %s: %v", p.owner, err)
		}
	}
	return nil
}

// parseOwner resolves USER[:GROUP]; without a group it is the user's own.
func parseOwner(s string) (*loader.Owner, error) {
	name, group, hasGroup := strings.Cut(s, ":")
	owner := &loader.Owner{GID: -1}
	u, err := user.Lookup(name)
	if err != nil {
		if u, err = user.LookupId(name); err != nil {
			n, convErr := strconv.Atoi(name)
			if convErr != nil {
				return nil, fmt.Errorf("no user %q", name)
			}
			owner.UID = n
		}
	}
	if u != nil {
		owner.UID, _ = strconv.Atoi(u.Uid)
		owner.GID, _ = strconv.Atoi(u.Gid)
	}
	if !hasGroup {
		return owner, nil
	}
	g, err := user.LookupGroup(group)
	if err == nil {
		owner.GID, _ = strconv.Atoi(g.Gid)
		return owner, nil
	}
	if owner.GID, err = strconv.Atoi(group); err != nil {
		return nil, fmt.Errorf("no group %q", group)
	}
	return owner, nil
}

// prepare mounts the bpffs, or waits for it, where asked to.
func (p *pinFlags) prepare(ctx context.Context, e *env) error {
	if p.mount && !bpffs.Mounted(sys.Host{}, p.bpffs) {
		if err := bpffs.Mount(sys.Host{}, p.bpffs); err != nil {
			return loader.Classify(err)
		}
		e.remark("mounted a bpffs on %s", p.bpffs)
	}
	if p.wait > 0 {
		ctx, cancel := context.WithTimeout(ctx, p.wait)
		defer cancel()
		if err := bpffs.Wait(ctx, sys.Host{}, p.bpffs); err != nil {
			return loader.Classify(err)
		}
	}
	return nil
}
