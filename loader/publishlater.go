// SPDX-License-Identifier: MIT

package loader

import (
	"context"
	"path"

	"github.com/bpfload/bpfload/internal/bpffs"
)

// Publish pins everything in dir, which must not exist, and makes it visible in one
// step, as a load with PinDir does. It is for a set that is to be tried before it is
// seen.
func (l *Loaded) Publish(ctx context.Context, dir string) error {
	if err := l.publish(ctx, dir); err != nil {
		return classify(err)
	}
	return nil
}

func (l *Loaded) publish(ctx context.Context, dir string) (err error) {
	s, err := bpffs.Stage(ctx, l.k, dir)
	if err != nil {
		return err
	}
	defer func() {
		if left := s.Discard(); err == nil {
			err = left
		}
	}()
	there, err := s.Exists()
	if err != nil {
		return err
	}
	if there {
		return bpffs.ExistsError(dir)
	}
	var all []publication
	for _, p := range l.Programs {
		all = append(all, publication{p.Spec.Name, fdLink{l.k, p.fd}.Pin, &p.Pin})
	}
	for _, m := range l.Maps {
		all = append(all, publication{m.Spec.Name, fdLink{l.k, m.fd}.Pin, &m.Pin})
	}
	for i := range l.Links {
		link := &l.Links[i]
		all = append(all, publication{bpffs.LinkName(link.Name, 1), link.Attachment.Pin, &link.Pin})
	}
	taken, pins := pinNames{}, make([]string, len(all))
	for i, p := range all {
		pins[i] = taken.pick(p.name)
		if err := p.pin(path.Join(s.Path, pins[i])); err != nil {
			return &Error{Class: errnoClassOf(err), Code: "pin-refused", Doing: "pinning " + p.name, Err: err}
		}
	}
	if err := s.Publish(); err != nil {
		return err
	}
	for i, p := range all {
		*p.at = path.Join(dir, pins[i])
	}
	return nil
}

// A publication is something to be pinned, and where it is noted that it was.
type publication struct {
	name string
	pin  func(path string) error
	at   *string
}
