// SPDX-License-Identifier: MIT

package bpffs

import (
	"context"
	"errors"
	"path"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/sys"
)

// A Staging is a directory in which a set of pins is made before it is published
// as Target. Its holder alone may change Target by way of this package.
type Staging struct {
	Target string // where the pins will be
	Path   string // where they are made

	fs   sys.Files
	k    closer
	lock int      // descriptor of the directory, which holds the lock
	old  int      // descriptor of the set being replaced, or -1
	ours bool     // what stands under Path is this load's to remove
	made []string // directories above, made for this one, outermost first
}

type closer interface{ Close(fd int) error }

// stagingPrefix begins names that no C identifier could be.
const stagingPrefix = "0-bpfload-"

// StagingPath is where what will be at target is made: beside it, under a name that
// follows from the target's.
func StagingPath(target string) string {
	return path.Join(path.Dir(target), stagingPrefix+path.Base(target))
}

// IsStaging says whether name is that of something that is being made, or was when a
// load died.
func IsStaging(name string) bool { return strings.HasPrefix(name, stagingPrefix) }

// Stage waits until no other load holds target, clears what a dead one left, and
// returns an empty staging directory. [Staging.Discard] must be called in the end,
// published or not. Directories above target are made with mode 0700 and
// taken away again by Discard unless the set was published.
func Stage(ctx context.Context, k sys.Kernel, target string) (*Staging, error) {
	if err := Check(k, target); err != nil {
		return nil, err
	}
	s := &Staging{Target: target, Path: StagingPath(target), fs: k, k: k, lock: -1, old: -1}
	if err := s.makeParents(); err != nil {
		s.Discard()
		return nil, err
	}
	if err := s.acquire(ctx); err != nil {
		s.Discard()
		return nil, err
	}
	if err := errors.Join(clearDir(k, s.Path), s.recover()); err != nil {
		s.Discard()
		return nil, err
	}
	return s, nil
}

func (s *Staging) makeParents() error {
	made, err := MakeDirs(s.fs, path.Dir(s.Target))
	s.made = append(s.made, made...)
	return err
}

// acquire opens and locks the directory at s.Path, making it where there is none.
// A lock on a directory that was meanwhile moved away, or published, is no lock.
func (s *Staging) acquire(ctx context.Context) error {
	made := false
	try := func() (bool, error) {
		switch err := s.fs.Mkdir(s.Path, 0o700); err {
		case nil:
			made = true
		case unix.EEXIST:
		case unix.ENOENT:
			// A load that failed has taken the parents away again.
			return false, s.makeParents()
		default:
			return false, failed(s.Path, "making the staging directory", err)
		}
		fd, err := lockDir(s.fs, s.k, s.Path)
		switch err {
		case nil:
			s.lock, s.ours = fd, true
			return true, nil
		case unix.EWOULDBLOCK, unix.ENOENT:
			return false, nil
		}
		if made {
			s.fs.Rmdir(s.Path)
		}
		return false, failed(s.Path, "locking the staging directory", err)
	}
	return poll(ctx, try, func() error {
		return &Error{Path: s.Target, Kind: ErrBusy, Msg: "is held by another load or unload"}
	})
}

// lockDir returns a descriptor that holds the lock of the directory standing at p.
func lockDir(fs sys.Files, k closer, p string) (int, error) {
	before, err := fs.Lstat(p)
	if err != nil {
		return -1, err
	}
	if !before.IsDir() || before.UID != fs.UID() && before.UID != 0 {
		return -1, unix.EPERM
	}
	fd, err := fs.OpenDir(p)
	if err != nil {
		return -1, err
	}
	if err := fs.Flock(fd, unix.LOCK_EX|unix.LOCK_NB); err != nil {
		k.Close(fd)
		return -1, err
	}
	after, err := fs.Lstat(p)
	if err == nil && (after.Ino != before.Ino || after.Dev != before.Dev) {
		err = unix.EWOULDBLOCK
	}
	if err != nil {
		k.Close(fd)
		return -1, err
	}
	return fd, nil
}

// Exists says whether something stands at Target.
func (s *Staging) Exists() (bool, error) {
	switch _, err := s.fs.Lstat(s.Target); err {
	case nil:
		return true, nil
	case unix.ENOENT:
		return false, nil
	default:
		return false, failed(s.Target, "looking at the directory", err)
	}
}

// Publish moves the set to Target, where nothing may stand.
func (s *Staging) Publish() error {
	switch err := s.fs.Rename(s.Path, s.Target, unix.RENAME_NOREPLACE); err {
	case nil:
		s.ours, s.made = false, nil
		return nil
	case unix.EEXIST, unix.ENOTEMPTY:
		return ExistsError(s.Target)
	case unix.EINVAL, unix.ENOSYS:
		return s.publishPlain()
	default:
		return failed(s.Target, "moving the pins into place", err)
	}
}

// publishPlain is Publish for kernels whose bpffs knows no flags. The lock keeps
// other loads of ours away; an empty directory would be replaced.
func (s *Staging) publishPlain() error {
	there, err := s.Exists()
	if err != nil {
		return err
	}
	if there {
		return ExistsError(s.Target)
	}
	if err := s.fs.Rename(s.Path, s.Target, 0); err != nil {
		return failed(s.Target, "moving the pins into place", err)
	}
	s.ours, s.made = false, nil
	return nil
}

// Replace exchanges the set with the one that stands at Target, in one step, and
// leaves the old one under Path for [Staging.Discard] to remove. exchanged is
// false where the kernel cannot (bpffs learnt it in about 5.17): then the old set
// was moved aside first, and for a moment nothing stood at Target.
func (s *Staging) Replace() (exchanged bool, err error) {
	if err := s.lockOld(); err != nil {
		return false, err
	}
	switch err := s.fs.Rename(s.Path, s.Target, unix.RENAME_EXCHANGE); err {
	case nil:
		s.made = nil
		return true, nil
	case unix.EINVAL, unix.ENOSYS:
		return false, s.replaceInSteps()
	default:
		return false, failed(s.Target, "exchanging the pins", err)
	}
}

// lockOld keeps the old set, which the exchange puts where others look for a
// staging directory, from being taken for a dead load's.
func (s *Staging) lockOld() error {
	fd, err := lockDir(s.fs, s.k, s.Target)
	if err != nil {
		return failed(s.Target, "locking the set to be replaced", err)
	}
	s.old = fd
	return nil
}

func (s *Staging) replaceInSteps() error {
	aside := s.aside()
	if err := s.fs.Rename(s.Target, aside, 0); err != nil {
		return failed(s.Target, "moving the old pins aside", err)
	}
	if err := s.fs.Rename(s.Path, s.Target, 0); err != nil {
		back := s.fs.Rename(aside, s.Target, 0)
		return errors.Join(failed(s.Target, "moving the pins into place", err), back)
	}
	s.ours, s.made = false, nil
	if err := s.fs.Rename(aside, s.Path, 0); err != nil {
		return failed(aside, "moving the old pins aside", err)
	}
	s.ours = true
	return nil
}

func (s *Staging) aside() string { return s.Path + "-old" }

// recover puts back what a load that died within replaceInSteps moved aside.
func (s *Staging) recover() error {
	if _, err := s.fs.Lstat(s.aside()); err == unix.ENOENT {
		return nil
	}
	there, err := s.Exists()
	if err != nil {
		return err
	}
	if !there {
		if err := s.fs.Rename(s.aside(), s.Target, 0); err != nil {
			return failed(s.aside(), "moving the old pins back", err)
		}
		return nil
	}
	if err := clearDir(s.fs, s.aside()); err != nil {
		return err
	}
	if err := s.fs.Rmdir(s.aside()); err != nil {
		return failed(s.aside(), "removing the old pins", err)
	}
	return nil
}

// Take moves the set at Target into the staging directory, out of sight in one
// step, for [Staging.Discard] to remove.
func (s *Staging) Take() error {
	if err := s.lockOld(); err != nil {
		return err
	}
	if err := s.fs.Rename(s.Target, s.Path, 0); err != nil {
		return failed(s.Target, "moving the pins out of place", err)
	}
	return nil
}

// Discard removes whatever stands under Path, be it an unpublished set or a
// replaced one, with the directories that were made for it, and gives back the lock.
func (s *Staging) Discard() error {
	var err error
	if s.ours {
		s.ours = false
		if err = clearDir(s.fs, s.Path); err == nil {
			if e := s.fs.Rmdir(s.Path); e != nil && e != unix.ENOENT {
				err = failed(s.Path, "removing the staging directory", e)
			}
		}
	}
	for i := len(s.made) - 1; i >= 0; i-- {
		if s.fs.Rmdir(s.made[i]) != nil {
			break // somebody else has put something there
		}
	}
	s.made = nil
	for _, fd := range []*int{&s.lock, &s.old} {
		if *fd >= 0 {
			s.k.Close(*fd)
			*fd = -1
		}
	}
	return err
}
