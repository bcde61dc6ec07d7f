// SPDX-License-Identifier: MIT

package kernel

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"sync"
	"sync/atomic"
)

// A Config is a kernel's build configuration.
type Config struct {
	text  []byte // begins with a newline
	asked atomic.Int32
	lines func() map[string]string // an index of it, made once
}

// fewOptions is how many may be asked for before an index of all is worth its time:
// objects that ask for more than a handful are rare.
const fewOptions = 32

func newConfig(text []byte) *Config {
	c := &Config{text: text}
	c.lines = sync.OnceValue(c.index)
	return c
}

// ConfigValue returns what the configuration says of an option, as it stands after
// the "=": y, m, a number, or a string in quotes; false if it is not set. What the
// Source was given comes first. The error says that the kernel's configuration
// cannot be read.
func (k *Kernel) ConfigValue(option string) (string, bool, error) {
	given, err := k.given()
	if err != nil {
		return "", false, err
	}
	if v, ok := given.value(option); ok {
		return v, true, nil
	}
	config, err := k.config()
	if err != nil {
		return "", false, err
	}
	v, ok := config.value(option)
	return v, ok, nil
}

// ErrNoConfig says that the kernel's configuration cannot be found.
var ErrNoConfig = errors.New("the kernel's configuration is neither in /boot nor in /proc/config.gz (CONFIG_IKCONFIG_PROC)")

func (k *Kernel) readConfig() (*Config, error) {
	var places []string
	if u, err := k.uname(); err == nil {
		places = append(places, "boot/config-"+u.Release)
	}
	for _, name := range append(places, "proc/config.gz") {
		if !fs.ValidPath(name) {
			continue
		}
		data, err := contents(k.fs, name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("kernel configuration: %w", err)
		}
		c, err := readConfig(data)
		if err != nil {
			return nil, fmt.Errorf("/%s: %w", name, err)
		}
		return c, nil
	}
	return nil, ErrNoConfig
}

// readConfig takes text, or text compressed with gzip.
func readConfig(data []byte) (*Config, error) {
	const limit = 1 << 24 // fifty times a distribution's
	text := []byte{'\n'}
	if bytes.HasPrefix(data, []byte{0x1f, 0x8b}) {
		zr, err := gzip.NewReader(bytes.NewReader(data))
		if err != nil {
			return nil, err
		}
		plain, err := io.ReadAll(io.LimitReader(zr, limit+1))
		if err != nil {
			return nil, err
		}
		if len(plain) > limit {
			return nil, fmt.Errorf("more than %d bytes of configuration", limit)
		}
		data = plain
	}
	return newConfig(append(text, data...)), nil
}

// value returns the first line's that sets the option.
func (c *Config) value(option string) (string, bool) {
	if strings.ContainsAny(option, "=\n") {
		return "", false // no option has such a name
	}
	if c.asked.Add(1) > fewOptions {
		v, ok := c.lines()[option]
		return v, ok
	}
	_, rest, ok := bytes.Cut(c.text, []byte("\n"+option+"="))
	if !ok {
		return "", false
	}
	line, _, _ := bytes.Cut(rest, []byte{'\n'})
	return string(bytes.TrimRight(line, "\r")), true
}

// index returns the first setting of each option.
func (c *Config) index() map[string]string {
	lines := make(map[string]string)
	for line := range bytes.Lines(c.text) {
		name, value, ok := bytes.Cut(bytes.TrimRight(line, "\r\n"), []byte{'='})
		if _, twice := lines[string(name)]; ok && !twice {
			lines[string(name)] = string(value)
		}
	}
	return lines
}
