// SPDX-License-Identifier: MIT

package attach

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/link"

	"github.com/bpfload/bpfload/internal/kernel"
)

// cutOffset splits FUNC+OFFSET.
func cutOffset(place string) (function string, offset uint64, err error) {
	i := strings.LastIndexByte(place, '+')
	if i < 0 {
		return place, 0, nil
	}
	offset, err = strconv.ParseUint(place[i+1:], 0, 32)
	if err != nil || i == 0 {
		return "", 0, fmt.Errorf("%q: want FUNC+OFFSET with a number of bytes", place)
	}
	return place[:i], offset, nil
}

func parseKprobe(t *Target) (attacher, error) {
	function, offset, err := cutOffset(t.Place)
	if err != nil {
		return nil, err
	}
	attach := link.Kprobe
	if t.Kind == "kretprobe" {
		attach = link.Kretprobe
		if offset != 0 {
			return nil, errors.New("a return has no offset")
		}
	}
	return func(p *Program) ([]Link, error) {
		if err := needKprobes(); err != nil {
			return nil, err
		}
		if p.multi() {
			return kprobes(t.Kind+".multi", p, []string{function})
		}
		return one(attach(function, p.Program, &link.KprobeOptions{Offset: offset}))
	}, nil
}

// parseSyscall makes a probe on the function of a system call: the library tries the
// names that architectures give it.
func parseSyscall(t *Target) (attacher, error) {
	attach, function := link.Kprobe, "sys_"+t.Place
	if t.Kind == "kretsyscall" {
		attach = link.Kretprobe
	}
	return func(p *Program) ([]Link, error) {
		if err := needKprobes(); err != nil {
			return nil, err
		}
		return one(attach(function, p.Program, nil))
	}, nil
}

func parseKprobeMulti(t *Target) (attacher, error) {
	kind, pattern := t.Kind, t.Place
	return func(p *Program) ([]Link, error) {
		functions := []string{pattern}
		if isPattern(pattern) {
			var err error
			if functions, err = kernelFunctions(pattern); err != nil {
				return nil, err
			}
		}
		return kprobes(kind, p, functions)
	}, nil
}

func kprobes(kind string, p *Program, functions []string) ([]Link, error) {
	opts := link.KprobeMultiOptions{Symbols: functions}
	if t, _ := p.attachType(); t == ebpf.AttachTraceKprobeSession || kind == "kprobe.session" {
		opts.Session = true
	}
	if strings.HasPrefix(kind, "kretprobe") {
		return one(link.KretprobeMulti(p.Program, opts))
	}
	return one(link.KprobeMulti(p.Program, opts))
}

func parseTracepoint(t *Target) (attacher, error) {
	category, name, ok := strings.Cut(strings.Replace(t.Place, ":", "/", 1), "/")
	if !ok || category == "" || name == "" {
		return nil, fmt.Errorf("%q: want CATEGORY/NAME, such as sched/sched_switch", t.Place)
	}
	return func(p *Program) ([]Link, error) {
		if err := needTracefs(); err != nil {
			return nil, err
		}
		return one(link.Tracepoint(category, name, p.Program, nil))
	}, nil
}

func parseRawTracepoint(t *Target) (attacher, error) {
	name := t.Place
	return func(p *Program) ([]Link, error) {
		return one(link.AttachRawTracepoint(link.RawTracepointOptions{Program: p.Program, Name: name}))
	}, nil
}

// isPattern says whether a name has wildcards.
func isPattern(s string) bool { return strings.ContainsAny(s, "*?") }

// kernelFunctions lists the functions that probes can be put on and that match.
func kernelFunctions(pattern string) ([]string, error) {
	var list []string
	err := probeable(func(name string) {
		if match(pattern, name) {
			list = append(list, name)
		}
	})
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, notFound("no function of the kernel matches %q", pattern)
	}
	return list, nil
}

// probeable lists the functions that ftrace knows; without tracefs, all functions.
func probeable(yield func(string)) error {
	data, err := readTracefs("available_filter_functions")
	if err == nil {
		last := ""
		for line := range strings.SplitSeq(data, "\n") {
			name, _, _ := strings.Cut(line, " ")
			if name != "" && name != last {
				yield(name)
			}
			last = name
		}
		return nil
	}
	kernel.Running().SymbolNames(func(name string) bool {
		yield(name)
		return true
	})
	return nil
}

// match says whether a name matches a pattern with * and ?.
func match(pattern, name string) bool {
	// Where the last star stands, and how much of name it has swallowed.
	star, from := -1, 0
	p, n := 0, 0
	for n < len(name) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, from = p, n
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == name[n]):
			p++
			n++
		case star >= 0:
			from++
			p, n = star+1, from
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
