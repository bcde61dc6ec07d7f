// SPDX-License-Identifier: MIT

package kernel

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sync"
)

// A Symbol is an address in the kernel.
type Symbol struct {
	Found   bool
	Address uint64
	// Other is another address under the same name, 0 if there is none. The
	// name then does not say which is meant.
	Other uint64
}

// symbols remembers what was looked up in /proc/kallsyms, which the kernel takes
// 50 ms and more to print.
type symbols struct {
	fs     fs.FS
	mu     sync.Mutex
	known  map[string]*Symbol
	hidden bool
}

const symbolsFile = "proc/kallsyms"

// ErrHidden says that the kernel shows no addresses to this process.
var ErrHidden = errors.New("the kernel hides the addresses of its symbols (kernel.kptr_restrict): CAP_SYSLOG is needed")

// Symbols returns the symbols of the given names, in their order. All are looked up
// in one scan of /proc/kallsyms; none, if they were asked for before. With
// [ErrHidden], what was found is returned nevertheless, without addresses.
func (k *Kernel) Symbols(names []string) ([]Symbol, error) {
	s := &k.symbols
	s.mu.Lock()
	defer s.mu.Unlock()
	wanted := make(map[string]*Symbol)
	for _, name := range names {
		if s.known[name] == nil {
			wanted[name] = &Symbol{}
		}
	}
	if len(wanted) > 0 {
		if err := s.scan(wanted); err != nil {
			return nil, err
		}
		if s.known == nil {
			s.known = wanted
		}
		for _, name := range names {
			if sym := wanted[name]; sym != nil {
				s.known[name] = sym
			}
		}
	}
	found := make([]Symbol, len(names))
	for i, name := range names {
		found[i] = *s.known[name]
	}
	if s.hidden {
		return found, ErrHidden
	}
	return found, nil
}

// SymbolNames yields the names in /proc/kallsyms, for proposing one to a user.
func (k *Kernel) SymbolNames(yield func(string) bool) {
	f, err := k.fs.Open(symbolsFile)
	if err != nil {
		return
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if f := bytes.Fields(lines.Bytes()); len(f) >= 3 && !yield(string(f[2])) {
			return
		}
	}
}

func (s *symbols) scan(wanted map[string]*Symbol) error {
	f, err := s.fs.Open(symbolsFile)
	if err != nil {
		return fmt.Errorf("kernel symbols: %w", err)
	}
	defer f.Close()
	visible, err := scanSymbols(f, wanted)
	if err != nil {
		return fmt.Errorf("kernel symbols: %w", err)
	}
	s.hidden = !visible
	return nil
}

// scanSymbols reads lines such as "ffffffff81000000 T _stext" or, of a module,
// "ffffffffc0000000 t init	[tun]", and says whether any address is not 0.
func scanSymbols(r io.Reader, wanted map[string]*Symbol) (visible bool, err error) {
	var heads [256]bool // first letters of the names
	for name := range wanted {
		if name != "" {
			heads[name[0]] = true
		}
	}
	buf := make([]byte, 64<<10)
	kept := 0
	for {
		n, err := r.Read(buf[kept:])
		data := buf[:kept+n]
		for {
			line, rest, ok := bytes.Cut(data, []byte{'\n'})
			if !ok {
				break
			}
			data = rest
			if err := scanSymbol(line, &heads, wanted, &visible); err != nil {
				return visible, err
			}
		}
		if err == io.EOF {
			if len(data) > 0 {
				return visible, scanSymbol(data, &heads, wanted, &visible)
			}
			return visible, nil
		}
		if err != nil {
			return visible, err
		}
		if kept = copy(buf, data); kept == len(buf) {
			return visible, fmt.Errorf("a line of more than %d bytes", len(buf))
		}
	}
}

func scanSymbol(line []byte, heads *[256]bool, wanted map[string]*Symbol, visible *bool) error {
	end := bytes.IndexByte(line, ' ')
	if end <= 0 || end > 16 || len(line) < end+4 || line[end+2] != ' ' {
		return fmt.Errorf("cannot read the line %q", line)
	}
	name := line[end+3:]
	if *visible && !heads[name[0]] {
		return nil
	}
	address, ok := parseHex(line[:end])
	if !ok {
		return fmt.Errorf("cannot read the line %q", line)
	}
	*visible = *visible || address != 0
	if tab := bytes.IndexByte(name, '\t'); tab >= 0 {
		name = name[:tab]
	}
	// Link-time optimisation renames local data; of other symbols the suffix
	// may tell copies apart.
	if line[end+1] == 'd' {
		name, _, _ = bytes.Cut(name, []byte(".llvm."))
	}
	sym := wanted[string(name)]
	switch {
	case sym == nil:
	case !sym.Found:
		*sym = Symbol{Found: true, Address: address}
	case sym.Address != address && sym.Other == 0:
		sym.Other = address
	}
	return nil
}

func parseHex(b []byte) (uint64, bool) {
	v := uint64(0)
	for _, c := range b {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		default:
			return 0, false
		}
		v = v<<4 | uint64(c)
	}
	return v, true
}
