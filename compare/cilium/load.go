// SPDX-License-Identifier: MIT

package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/rlimit"
	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/compare/oracle"
)

// privateBPFFS mounts a bpffs that only this process sees: pins go away with it.
func privateBPFFS() (dir string, unmount func(), err error) {
	if err := unix.Mount("none", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return "", nil, fmt.Errorf("cannot make mounts private: %w (this needs root)", err)
	}
	dir, err = os.MkdirTemp("", "compare-cilium.")
	if err != nil {
		return "", nil, err
	}
	if err := unix.Mount("bpf", dir, "bpf", 0, "mode=0700"); err != nil {
		return "", nil, fmt.Errorf("cannot mount a bpffs: %w", err)
	}
	return dir, func() {
		unix.Unmount(dir, unix.MNT_DETACH)
		os.Remove(dir)
	}, rlimit.RemoveMemlock()
}

// load tries the whole object first and, when that fails, every program alone,
// so that no verdict depends on another program's.
func load(doc *oracle.Document, pins string) {
	spec := loadSpec(doc)
	if spec == nil {
		return
	}
	whole := try(spec.Copy(), filepath.Join(pins, "all"))
	doc.Verdict = "accepted"
	doc.Programs = []oracle.Program{}
	if whole != nil {
		doc.Verdict, doc.Phase, doc.Error = "rejected", "load", reason(whole)
	}
	for i, name := range slices.Sorted(maps.Keys(spec.Programs)) {
		program := describeProgram(spec.Programs[name])
		program.Verdict = "ok"
		if spec.Programs[name].Type == ebpf.UnspecifiedProgram {
			program.Verdict = "skipped" // so does cilium/ebpf, silently
		} else if whole != nil {
			err := try(only(spec.Copy(), name), filepath.Join(pins, fmt.Sprint(i)))
			if err != nil {
				program.Verdict, program.Error = "rejected", reason(err)
			}
		}
		doc.Programs = append(doc.Programs, program)
	}
}

func try(spec *ebpf.CollectionSpec, pins string) error {
	if err := os.Mkdir(pins, 0o700); err != nil {
		return err
	}
	coll, err := ebpf.NewCollectionWithOptions(spec, ebpf.CollectionOptions{
		Maps: ebpf.MapOptions{PinPath: pins},
	})
	if err != nil {
		return err
	}
	coll.Close()
	return nil
}

// only removes all programs but one, and the slots that name the others.
func only(spec *ebpf.CollectionSpec, name string) *ebpf.CollectionSpec {
	for _, m := range spec.Maps {
		if m.Type == ebpf.ProgramArray {
			m.Contents = slices.DeleteFunc(m.Contents, func(kv ebpf.MapKV) bool { return kv.Value != name })
		}
	}
	maps.DeleteFunc(spec.Programs, func(other string, _ *ebpf.ProgramSpec) bool { return other != name })
	return spec
}

// reason shortens an error of the verifier's to the line that tells why.
func reason(err error) string {
	var verifier *ebpf.VerifierError
	if errors.As(err, &verifier) && len(verifier.Log) > 0 {
		return fmt.Sprintf("%v: %s", verifier.Cause, lastLine(verifier.Log))
	}
	return err.Error()
}

// lastLine returns the last line of a verifier log that is no statistics.
func lastLine(log []string) string {
	for _, line := range slices.Backward(log) {
		if line != "" && !strings.HasPrefix(line, "processed ") && !strings.HasPrefix(line, "verification time ") &&
			!strings.HasPrefix(line, "stack depth ") {
			return line
		}
	}
	return ""
}
