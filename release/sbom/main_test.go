// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestWrite(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var first, second bytes.Buffer
	for _, b := range []*bytes.Buffer{&first, &second} {
		if err := write(b, "v1.2.3", "1700000000", []string{exe}); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Error("the same binary made two documents")
	}
	var doc document
	if err := json.Unmarshal(first.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	if doc.CreationInfo.Created != "2023-11-14T22:13:20Z" {
		t.Errorf("created %s", doc.CreationInfo.Created)
	}
	if len(doc.Packages) < 2 || doc.Packages[0].PackageFileName != filepath.Base(exe) || len(doc.Packages[0].Checksums) != 1 {
		t.Errorf("packages: %+v", doc.Packages)
	}
	for _, p := range doc.Packages {
		if notInID.MatchString(strings.TrimPrefix(p.SPDXID, "SPDXRef-")) {
			t.Errorf("%q is no SPDX identifier", p.SPDXID)
		}
	}
}

func TestWriteErrors(t *testing.T) {
	text := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(text, []byte("no binary"), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct{ epoch, binary string }{
		"no binary": {"0", text},
		"absent":    {"0", text + ".absent"},
		"no time":   {"yesterday", text},
	} {
		t.Run(name, func(t *testing.T) {
			if err := write(&bytes.Buffer{}, "v1", test.epoch, []string{test.binary}); err == nil {
				t.Error("no error")
			}
		})
	}
}
