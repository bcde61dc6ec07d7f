// SPDX-License-Identifier: MIT

package legacy_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/legacy"
)

func TestTooManyMaps(t *testing.T) {
	o := &elftest.Object{}
	const n = 1<<14 + 1
	s := o.Data("maps", make([]byte, 20*n))
	for i := range n {
		o.Object("m", s, uint64(20*i), 20)
	}
	_, _, err := decode(t, o, legacy.Options{})
	const want = `section "maps"+0x50000 (map "m"): more than 16384 map records`
	if err == nil || err.Error() != want {
		t.Errorf("\n got %v\nwant %s", err, want)
	}
}

func TestTooManyKinds(t *testing.T) {
	o := &elftest.Object{}
	var recs []rec
	for i := range 65 {
		recs = append(recs, rec{name: fmt.Sprint("m", i), words: append([]uint32{1, 4, 4, 1}, make([]uint32, 100+i)...)})
	}
	addMaps(o, "maps", recs...)
	_, _, err := decode(t, o, legacy.Options{})
	const want = `section "maps"+0x8780 (map "m64"): more than 64 kinds of map records`
	if err == nil || err.Error() != want {
		t.Errorf("\n got %v\nwant %s", err, want)
	}
}

func TestTooManySlots(t *testing.T) {
	o := &elftest.Object{}
	var recs []rec
	for i := range 300 {
		recs = append(recs, rec{name: "outer" + string(rune('0'+i)), words: []uint32{12, 4, 4, 1, 0, 0, 0, 9, 0}},
			rec{name: "inner" + string(rune('0'+i)), words: []uint32{2, 4, 4, 1, 0, 9, 0, 0, 0}})
	}
	addMaps(o, "maps", recs...)
	_, _, err := decode(t, o, legacy.Options{})
	if err == nil || !strings.HasSuffix(err.Error(), "more than 65536 slots of maps of maps") {
		t.Errorf("got %v", err)
	}
}
