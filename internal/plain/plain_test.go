// SPDX-License-Identifier: MIT

package plain_test

import (
	"encoding/json"
	"testing"

	"github.com/bpfload/bpfload/internal/plain"
)

func TestLines(t *testing.T) {
	for text, want := range map[string]string{
		"two\nlines, ä":                        "two\nlines, ä",
		"\x1b[2J\r\a":                          `\x1b[2J\r\a`,
		"\u009b\u202e\u2028\x7f\xff\U000e0001": `\u009b\u202e\u2028\x7f\xff\U000e0001`,
	} {
		if got := plain.Lines(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestLine(t *testing.T) {
	for text, want := range map[string]string{
		"one line, ä":               "one line, ä",
		"ä\nforged":                 `ä\nforged`,
		`C:\ä "quoted"` + "\x1b[2J": `C:\ä "quoted"\x1b[2J`,
	} {
		if got := plain.Line(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestCount(t *testing.T) {
	for want, got := range map[string]string{"1 byte": plain.Count(1, "byte"), "0 bytes": plain.Count(0, "byte"), "1 entry": plain.Count(1, "entry"), "2 entries": plain.Count(2, "entry")} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestJSON(t *testing.T) {
	for _, text := range []string{"plain", "\u009b31m\u202e\u2028\x7f", "\U000e0001 \n\t\x1b"} {
		doc, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		out := plain.JSON(doc)
		if got := plain.Lines(string(out)); got != string(out) {
			t.Errorf("%q: %s is not plain", text, out)
		}
		var back string
		if err := json.Unmarshal(out, &back); err != nil || back != text {
			t.Errorf("%q became %s, read back as %q, %v", text, out, back, err)
		}
	}
}
