// SPDX-License-Identifier: MIT

package mapops

import (
	"strings"

	"github.com/bpfload/bpfload/internal/value"
)

// fromText makes of text from a command line what encoding/json would: documents
// are parsed, everything else is a string.
func fromText(text string) (any, error) {
	if text != "" && strings.IndexByte(`{["`, text[0]) >= 0 {
		return value.FromJSON([]byte(text))
	}
	return text, nil
}

// raw reads text such as hex:0a00.
func raw(v any, dst []byte) (done bool, err error) {
	if s, ok := v.(string); !ok || !strings.HasPrefix(s, "hex:") {
		return false, nil
	}
	return true, value.Encode(nil, 0, v, dst)
}
