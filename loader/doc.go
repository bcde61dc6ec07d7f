// SPDX-License-Identifier: MIT

// Package loader opens BPF objects, says what loading them would do, and does it.
//
// [Open] reads an object without touching the kernel and gives the same answer on
// every machine. Its maps, programs and variables are plain data, to be edited
// before [Object.Load]. [Object.Plan] lists the operations of a load in order;
// Load carries the same list out, or undoes what it did of it: pins, links,
// descriptors and writes to maps that were there before. Pins become visible in one
// step, and a running set is replaced in one step.
//
// The kernel is asked for its types, symbols and configuration only where a program
// refers to them, and whether it has a feature only after it has refused something.
// Programs are verified concurrently where that is faster.
//
// Loaded maps and programs are those of github.com/cilium/ebpf, and work with its
// link package. [Object.Verify] loads every program for its verdict and keeps
// nothing; [Unload] removes what a load pinned; [Object.CollectionSpec] exports to
// cilium/ebpf's own loader.
//
// Failures are *[Error] values with a [Class] for each thing that a caller can do
// about them. All system calls go through one small interface, so that a load is
// tested without privileges.
package loader
