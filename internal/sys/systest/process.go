// SPDX-License-Identifier: MIT

package systest

import "golang.org/x/sys/unix"

// Mmap implements [sys.Process] with ordinary memory.
func (k *Kernel) Mmap(fd int, addr uint64, length int) ([]byte, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.enter("mmap %s", k.describe(fd)); err != nil {
		return nil, err
	}
	if k.fds[fd] == nil {
		return nil, unix.EBADF
	}
	return make([]byte, length), nil
}

// Munmap implements [sys.Process].
func (k *Kernel) Munmap([]byte) error { return nil }

// RaiseMemlock implements [sys.Process].
func (k *Kernel) RaiseMemlock() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.Raised = true
	return k.enter("raise memlock")
}

// GrowFiles implements [sys.Process].
func (k *Kernel) GrowFiles(fd, n int) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.enter("grow descriptors to %d", n)
}

// Capabilities implements [sys.Process].
func (k *Kernel) Capabilities() (uint64, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.Caps, nil
}
