// SPDX-License-Identifier: MIT

// Command record loads every program of the objects in a directory, one at a
// time, and writes the verifier logs of those the kernel refuses to standard
// output, each after a line "-- PROGRAM.log --". With -x DIR it splits such
// output into files instead; with -lines it prints the programs' line tables and
// loads nothing.
package main

import (
	"bytes"
	"debug/elf"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"unsafe"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/btf"
	"github.com/cilium/ebpf/rlimit"
	"golang.org/x/sys/unix"
)

// remark begins a line that is no part of a log: a virtual machine sends both
// output streams of a program to one console.
const remark = "record: "

// keep is how much of the end of a longer log is written. Linux 6.4 and newer
// do the same with a buffer that is too small.
const keep = 6 << 10

// verbose names programs that are recorded at log level 2 and 4 too.
var verbose = []string{"infinite_loop", "null_pointer_branch", "null_pointer_subprog"}

var skip = flag.String("skip", "", "leave out the programs `A,B,C`")

func main() {
	log.SetFlags(0)
	log.SetPrefix(remark)
	unpack := flag.String("x", "", "unpack the archive on standard input into `DIR`")
	lines := flag.Bool("lines", false, "print line tables: program, instruction, file, line, column, quoted text")
	flag.Parse()
	if *unpack != "" {
		if err := split(os.Stdin, *unpack); err != nil {
			log.Fatal(err)
		}
		return
	}
	objects, err := filepath.Glob(filepath.Join(flag.Arg(0), "*.o"))
	if err != nil || len(objects) == 0 {
		log.Fatalf("no objects in %q", flag.Arg(0))
	}
	if *lines {
		for _, o := range objects {
			if err := printLines(o); err != nil {
				log.Fatalf("%s: %v", o, err)
			}
		}
		return
	}
	if err := rlimit.RemoveMemlock(); err != nil {
		log.Fatal(err)
	}
	for _, o := range objects {
		if err := record(o); err != nil {
			log.Printf("%s: %v", o, err)
		}
	}
}

// split writes what follows each "-- NAME --" line to the file dir/NAME.
func split(r io.Reader, dir string) error {
	in, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	text := "\n"
	for line := range strings.Lines(strings.ReplaceAll(string(in), "\r", "")) {
		if !strings.HasPrefix(line, remark) {
			text += line
		}
	}
	_, rest, ok := strings.Cut(text, "\n-- ")
	for ok {
		var file string
		file, rest, ok = strings.Cut(rest, "\n-- ")
		name, text, _ := strings.Cut(file, " --\n")
		text = strings.TrimRight(text, "\n") + "\n"
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(name)), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

func record(object string) error {
	if strings.HasPrefix(filepath.Base(object), "raw") {
		return recordRaw(object)
	}
	spec, err := ebpf.LoadCollectionSpec(object)
	if err != nil {
		return err
	}
	if strings.HasPrefix(filepath.Base(object), "unprivileged") {
		runtime.LockOSThread()
		restore, err := dropPerfmon()
		if err != nil {
			return err
		}
		defer restore()
	}
	if m := spec.Maps["untyped"]; m != nil {
		m.Key, m.Value = nil, nil
	}
	for _, name := range slices.Sorted(maps.Keys(spec.Programs)) {
		if slices.Contains(strings.Split(*skip, ","), name) {
			continue
		}
		level := ebpf.LogLevel(0)
		if strings.HasSuffix(name, "_stats") {
			level = ebpf.LogLevelStats
		}
		text, err := load(spec.Copy(), name, level)
		if err != nil {
			log.Printf("%s: %v", name, err)
			continue
		}
		fmt.Printf("-- %s.log --\n%s", name, text)
		if !slices.Contains(verbose, name) {
			continue
		}
		text, err = load(spec.Copy(), name, ebpf.LogLevelInstruction|ebpf.LogLevelStats)
		if err != nil {
			return err
		}
		fmt.Printf("-- %s_verbose.log --\n%s", name, text)
	}
	return nil
}

func printLines(object string) error {
	if strings.HasPrefix(filepath.Base(object), "raw") {
		return nil
	}
	spec, err := ebpf.LoadCollectionSpec(object)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(spec.Programs)) {
		for it := spec.Programs[name].Instructions.Iterate(); it.Next(); {
			if l, ok := it.Ins.Source().(*btf.Line); ok {
				fmt.Printf("%s %d %s %d %d %q\n", name, it.Offset, strings.TrimPrefix(l.FileName(), "./"),
					l.LineNumber(), l.LineColumn(), l.Line())
			}
		}
	}
	return nil
}

// load returns the log of a program that the kernel refuses.
func load(spec *ebpf.CollectionSpec, name string, level ebpf.LogLevel) ([]byte, error) {
	p := spec.Programs[name]
	used := make(map[string]*ebpf.MapSpec)
	for _, ref := range p.Instructions {
		if m := spec.Maps[ref.Reference()]; m != nil {
			used[ref.Reference()] = m
		}
	}
	spec.Maps = used
	spec.Programs = map[string]*ebpf.ProgramSpec{name: p}
	opts := ebpf.CollectionOptions{Programs: ebpf.ProgramOptions{LogLevel: level, LogSizeStart: 1 << 22}}
	c, err := ebpf.NewCollectionWithOptions(spec, opts)
	if err == nil {
		c.Close()
		return nil, errors.New("accepted")
	}
	var v *ebpf.VerifierError
	if !errors.As(err, &v) {
		return nil, fmt.Errorf("no log: %w", err)
	}
	text := []byte(strings.Join(v.Log, "\n") + "\n")
	if n := len(text) - keep; n > 0 {
		text = text[n:]
		text = text[bytes.IndexByte(text, '\n')+1:]
	}
	return text, nil
}

// recordRaw loads the functions of an object without maps as they are, because
// ebpf cannot pass on every instruction.
func recordRaw(object string) error {
	f, err := elf.Open(object)
	if err != nil {
		return err
	}
	defer f.Close()
	symbols, err := f.Symbols()
	if err != nil {
		return err
	}
	for _, s := range symbols {
		if elf.ST_TYPE(s.Info) != elf.STT_FUNC {
			continue
		}
		code, err := f.Sections[s.Section].Data()
		if err != nil {
			return err
		}
		text, err := loadRaw(code[s.Value:][:s.Size])
		if err != nil {
			return fmt.Errorf("%s: %w", s.Name, err)
		}
		fmt.Printf("-- %s.log --\n%s\n", s.Name, text)
	}
	return nil
}

// loadRaw returns the log of an XDP program that the kernel refuses.
func loadRaw(code []byte) ([]byte, error) {
	buf := make([]byte, 1<<16)
	license := []byte("GPL\x00")
	attr := struct {
		progType, insnCount uint32
		insns, license      unsafe.Pointer
		logLevel, logSize   uint32
		logBuf              unsafe.Pointer
	}{
		unix.BPF_PROG_TYPE_XDP, uint32(len(code) / 8),
		unsafe.Pointer(&code[0]), unsafe.Pointer(&license[0]),
		1, uint32(len(buf)), unsafe.Pointer(&buf[0]),
	}
	fd, _, errno := unix.Syscall(unix.SYS_BPF, unix.BPF_PROG_LOAD, uintptr(unsafe.Pointer(&attr)), unsafe.Sizeof(attr))
	runtime.KeepAlive(code)
	runtime.KeepAlive(license)
	if errno == 0 {
		unix.Close(int(fd))
		return nil, errors.New("accepted")
	}
	text, _, _ := bytes.Cut(buf, []byte{0})
	return text, nil
}

// dropPerfmon takes CAP_PERFMON and CAP_SYS_ADMIN from this thread and leaves
// it CAP_BPF, so that the verifier no longer lets pointers leak.
func dropPerfmon() (restore func() error, err error) {
	h := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var old [2]unix.CapUserData
	if err := unix.Capget(&h, &old[0]); err != nil {
		return nil, err
	}
	less := old
	less[0].Effective &^= 1 << unix.CAP_SYS_ADMIN
	less[1].Effective &^= 1 << (unix.CAP_PERFMON - 32)
	if err := unix.Capset(&h, &less[0]); err != nil {
		return nil, err
	}
	return func() error { return unix.Capset(&h, &old[0]) }, nil
}
