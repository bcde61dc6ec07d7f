// SPDX-License-Identifier: MIT

package attach

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/bpfload/bpfload/loader"
)

var tracefs = []string{"/sys/kernel/tracing", "/sys/kernel/debug/tracing"}

// readTracefs returns a file of the kernel's tracing.
func readTracefs(name string) (string, error) {
	var errs []error
	for _, dir := range tracefs {
		data, err := os.ReadFile(path.Join(dir, name))
		if err == nil {
			return string(data), nil
		}
		errs = append(errs, err)
	}
	return "", errors.Join(errs...)
}

// needTracefs explains why there would be no tracepoints.
func needTracefs() error {
	for _, dir := range tracefs {
		if _, err := os.Stat(path.Join(dir, "events")); err == nil {
			return nil
		}
	}
	return &loader.Error{Class: loader.ClassRefused, Code: "tracefs-not-mounted", Err: errors.New("the numbers of tracepoints are in tracefs, which is not mounted"),
		Advice: "mount -t tracefs tracefs /sys/kernel/tracing"}
}

// needKprobes says so if the kernel was built without.
func needKprobes() error {
	if _, err := os.Stat("/sys/bus/event_source/devices/kprobe"); !errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if _, err := readTracefs("kprobe_events"); !errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return &loader.Error{Class: loader.ClassFeature, Code: "feature-missing", Err: errors.New("this kernel was built without probes (CONFIG_KPROBE_EVENTS)")}
}

// lsmActive says whether BPF is among the active security modules, true if nobody
// tells. Without it the kernel takes lsm programs and never runs them.
func lsmActive() bool {
	data, err := os.ReadFile("/sys/kernel/security/lsm")
	return err != nil || slices.Contains(strings.Split(strings.TrimSpace(string(data)), ","), "bpf")
}

var lsmInactive = &loader.Error{Class: loader.ClassFeature, Code: "feature-missing",
	Err:    errors.New("bpf is not among the active security modules of /sys/kernel/security/lsm: the program would never run"),
	Advice: "boot with lsm=...,bpf on the kernel's command line"}
