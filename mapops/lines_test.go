// SPDX-License-Identifier: MIT

package mapops

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/google/go-cmp/cmp"

	"github.com/bpfload/bpfload/internal/law"
	"github.com/bpfload/bpfload/loader"
)

func TestExport(t *testing.T) {
	for name, c := range map[string]struct {
		d    Definition
		in   string
		want string
	}{
		"hash": {
			hashOf32,
			"{\"key\":1,\"value\":10}\n\n{\"key\":\"0x2\",\"value\":\"hex:01000000\"}",
			`{"schema":"bpfload/map/v1","map":{"name":"h","id":1,"type":"hash","key_size":4,"value_size":4,"max_entries":64,"map_flags":0}}
{"key":1,"value":10}
{"key":2,"value":1}
`,
		},
		"per CPU": {
			Definition{Name: "p", Type: ebpf.PerCPUHash, KeySize: 4, ValueSize: 8, MaxEntries: 4},
			`{"key":1,"values":[1,2,3]}` + "\n" + `{"key":2,"value":7}`,
			`{"schema":"bpfload/map/v1","map":{"name":"p","id":1,"type":"percpu_hash","key_size":4,"value_size":8,"max_entries":4,"map_flags":0,"cpus":3}}
{"key":1,"values":[1,2,3]}
{"key":2,"values":[7,7,7]}
`,
		},
		"odd sizes": {
			Definition{Name: "odd", Type: ebpf.Hash, KeySize: 3, ValueSize: 20, MaxEntries: 4},
			`{"key":"hex:010203","value":"hex:000102030405060708090a0b0c0d0e0f10111213"}`,
			`{"schema":"bpfload/map/v1","map":{"name":"odd","id":1,"type":"hash","key_size":3,"value_size":20,"max_entries":4,"map_flags":0}}
{"key":"hex:010203","value":"hex:000102030405060708090a0b0c0d0e0f10111213"}
`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := newFake().create(t, c.d)
			if n, err := m.Import(t.Context(), strings.NewReader(c.in), Any, nil); n != strings.Count(c.in, "key") || err != nil {
				t.Fatalf("imported %d, %v", n, err)
			}
			var out bytes.Buffer
			n, err := m.Export(t.Context(), &out, nil)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, out.String()); diff != "" || n != strings.Count(c.want, "\n")-1 {
				t.Errorf("exported %d\n%s", n, diff)
			}
			// What was exported can be imported, into another map, too.
			again := newFake().create(t, c.d)
			if _, err := again.Import(t.Context(), bytes.NewReader(out.Bytes()), NoExist, nil); err != nil {
				t.Fatal(err)
			}
			var second bytes.Buffer
			if _, err := again.Export(t.Context(), &second, nil); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(out.String(), second.String()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestImportErrors(t *testing.T) {
	const head = `{"schema":"bpfload/map/v1","map":{"key_size":4,"value_size":4}}` + "\n"
	for name, c := range map[string]struct {
		in    string
		line  int
		wrote int
		text  string
	}{
		"not JSON":        {`{"key":1,"value":1}` + "\nkey=1", 2, 1, `want an object such as {"key": ..., "value": ...}`},
		"two objects":     {`{"key":1,"value":1} {"key":2,"value":1}`, 1, 0, "something follows"},
		"unknown member":  {`{"key":1,"valu":1}`, 1, 0, `unknown field "valu"`},
		"no key":          {head + `{"value":1}`, 2, 0, "key: it is missing"},
		"no value":        {`{"key":1}`, 1, 0, "value: it is missing"},
		"both":            {`{"key":1,"value":1,"values":[1]}`, 1, 0, "exclude each other"},
		"not per CPU":     {`{"key":1,"values":[1]}`, 1, 0, "one value for all CPUs"},
		"out of range":    {`{"key":1,"value":4294967296}`, 1, 0, "does not fit 4 bytes"},
		"another schema":  {`{"schema":"bpfload/load/v1"}`, 1, 0, `schema "bpfload/load/v1", want "bpfload/map/v1"`},
		"other sizes":     {`{"schema":"bpfload/map/v1","map":{"key_size":8,"value_size":4}}`, 1, 0, "key_size 8 and value_size 4; here they are 4 and 4"},
		"full":            {head + `{"key":1,"value":1}` + "\n\n" + `{"key":2,"value":2}` + "\n" + `{"key":3,"value":3}`, 5, 2, "it is full"},
		"endless line":    {`{"key":` + strings.Repeat(" ", 1<<21), 1, 0, "bytes"},
		"full before bad": {`{"key":1,"value":1}` + "\n" + `{"key":2,"value":2}` + "\n" + `{"key":3,"value":3}` + "\n" + "bad", 3, 2, "it is full"},
	} {
		t.Run(name, func(t *testing.T) {
			d := hashOf32
			d.MaxEntries = 2
			m := newFake().create(t, d)
			n, err := m.Import(t.Context(), strings.NewReader(c.in), Any, nil)
			var e *LineError
			if !errors.As(err, &e) {
				t.Fatalf("got %v, want a *LineError", err)
			}
			if e.Line != c.line || n != c.wrote || !strings.Contains(err.Error(), c.text) {
				t.Errorf("line %d after %d elements: %v; want line %d after %d and %q", e.Line, n, err, c.line, c.wrote, c.text)
			}
			var le *loader.Error
			if !errors.As(err, &le) || le.ExitCode() == 1 {
				t.Errorf("%v has no class", err)
			}
			if _, again := newFake().create(t, d).Import(t.Context(), strings.NewReader(c.in), Any, nil); again.Error() != err.Error() {
				t.Errorf("the second time the error is %v, the first time it was %v", again, err)
			}
		})
	}
}

func TestImportInBatches(t *testing.T) {
	var in bytes.Buffer
	d := hashOf32
	d.MaxEntries = 3 * perBatch
	src := newFake().create(t, d)
	keys, values := many(0, 2*perBatch+5)
	if _, err := src.UpdateBatch(t.Context(), keys, values, Any); err != nil {
		t.Fatal(err)
	}
	if _, err := src.Export(t.Context(), &in, nil); err != nil {
		t.Fatal(err)
	}
	some := strings.Join(strings.SplitAfter(in.String(), "\n")[:51], "")
	f := newFake()
	m := f.create(t, d)
	f.n = 0
	var told []int
	n, err := m.Import(t.Context(), &in, Any, func(n int) { told = append(told, n) })
	if n != 2*perBatch+5 || err != nil {
		t.Fatalf("got %d, %v", n, err)
	}
	if diff := cmp.Diff([]int{perBatch, 2 * perBatch}, told); diff != "" || f.n != 3 {
		t.Errorf("%d commands, progress %s", f.n, diff)
	}
	n, err = m.DeleteLines(t.Context(), strings.NewReader(some))
	if n != 50 || err != nil {
		t.Errorf("deleted %d, %v", n, err)
	}
	_, err = m.DeleteLines(t.Context(), strings.NewReader("{\"key\":1}"))
	wantError(t, err, 1, "key-missing", "deleting 1")
	var e *LineError
	if !errors.As(err, &e) || e.Line != 1 {
		t.Errorf("%v does not name line 1", err)
	}
}

func TestImportQueue(t *testing.T) {
	m := newFake().create(t, Definition{Type: ebpf.Queue, ValueSize: 4, MaxEntries: 5})
	if n, err := m.Import(t.Context(), strings.NewReader("{\"value\":1}\n{\"value\":2}\n"), Any, nil); n != 2 || err != nil {
		t.Errorf("got %d, %v", n, err)
	}
	_, err := m.Import(t.Context(), strings.NewReader("{\"key\":1,\"value\":1}\n"), Any, nil)
	wantError(t, err, 2, "map-key", "this queue has no keys")
	var out bytes.Buffer
	if err := m.Update(nil, u32(3), Any); err != nil {
		t.Fatal(err)
	}
	_, err = m.Export(t.Context(), &out, nil)
	wantError(t, err, 71, "not-supported", "cannot be listed")
	if got, err := m.AppendEntry(nil, Entry{Value: u32(3)}); string(got) != `{"value":3}` || err != nil {
		t.Errorf("got %s, %v", got, err)
	}
}

// Lines are understood alike whichever way they are taken apart.
func TestParseRecord(t *testing.T) {
	for name, c := range map[string]struct {
		line       string
		key, value string // "" for an error
	}{
		"numbers":        {`{"key":1,"value":2}`, "1", "2"},
		"spaces":         {`{ "key" : 1 , "value" : 2 }`, "1", "2"},
		"objects":        {`{"key":{"a":[1,{"b":2}]},"value":[[1],[2]]}`, `{"a":[1,{"b":2}]}`, "[[1],[2]]"},
		"brackets, text": {`{"key":"},]","value":"{\"[,"}`, `"},]"`, `"{\"[,"`},
		"other order":    {`{"value":2,"key":1}`, "1", "2"},
		"more":           {`{"key":1,"value":2,"flags":3}`, "", ""},
		"twice":          {`{"key":1,"value":2}{"key":1,"value":2}`, "", ""},
		"unfinished":     {`{"key":1,"value":2`, "", ""},
		"unbalanced":     {`{"key":1,"value":2}}`, "", ""},
		"text unended":   {`{"key":"1,"value":2}`, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			rec, err := parseRecord([]byte(c.line))
			if (err != nil) != (c.key == "") {
				t.Fatalf("got %v", err)
			}
			if err == nil && (string(rec.Key) != c.key || string(rec.Value) != c.value) {
				t.Errorf("got %s and %s, want %s and %s", rec.Key, rec.Value, c.key, c.value)
			}
		})
	}
}

type brokenPipe struct{ room int }

var errPipe = errors.New("broken pipe")

func (w *brokenPipe) Write(p []byte) (int, error) {
	if w.room -= len(p); w.room < 0 {
		return 0, errPipe
	}
	return len(p), nil
}

func TestExportToNowhere(t *testing.T) {
	d := hashOf32
	d.MaxEntries = 10000
	m := newFake().create(t, d)
	keys, values := many(0, 10000)
	if _, err := m.UpdateBatch(t.Context(), keys, values, Any); err != nil {
		t.Fatal(err)
	}
	for _, room := range []int{0, 1 << 16, 1 << 17} {
		if _, err := m.Export(t.Context(), &brokenPipe{room}, nil); !errors.Is(err, errPipe) {
			t.Errorf("room for %d bytes: got %v, want the writer's error", room, err)
		}
	}
}

func BenchmarkImport(b *testing.B) {
	var in bytes.Buffer
	const n = 1000
	for i := range n {
		fmt.Fprintf(&in, "{\"key\":%d,\"value\":%d}\n", i, i)
	}
	d := hashOf32
	d.MaxEntries = n
	m := newFake().create(b, d)
	b.SetBytes(int64(in.Len()))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := m.Import(b.Context(), bytes.NewReader(in.Bytes()), Any, nil); err != nil {
			b.Fatal(err)
		}
	}
}

// FuzzImport writes any lines into maps of several types: no more elements than
// lines, and an error that names its line.
func FuzzImport(f *testing.F) {
	f.Add([]byte(`{"key":1,"value":10}`), uint8(0))
	f.Add([]byte(`{"schema":"bpfload/map/v1","map":{"key_size":4,"value_size":4}}`+"\n"+`{"key":"10.0.0.1","values":[1,2,3]}`), uint8(1))
	f.Add([]byte(`{"value":"hex:00"}`+"\n"), uint8(2))
	f.Add([]byte(`{"key":"10.0.0.0/8","value":{}}`), uint8(3))
	f.Add([]byte(`{"key":0,"value":{"ifindex":"lo","bpf_prog":"id:1"}}`), uint8(4))
	definitions := []Definition{
		hashOf32,
		{Type: ebpf.PerCPUHash, KeySize: 4, ValueSize: 4, MaxEntries: 5},
		{Type: ebpf.Queue, ValueSize: 1, MaxEntries: 5},
		{Type: ebpf.LPMTrie, KeySize: 8, ValueSize: 4, MaxEntries: 5},
		{Type: ebpf.DevMap, ValueSize: 8, MaxEntries: 5},
		{Type: ebpf.ProgramArray, MaxEntries: 5},
	}
	f.Fuzz(func(t *testing.T, in []byte, which uint8) {
		d := definitions[int(which)%len(definitions)]
		m := newFake().create(t, d)
		law.Memory(t, len(in), 4096, func() { newFake().create(t, d).Import(t.Context(), bytes.NewReader(in), Any, nil) })
		n, err := m.Import(t.Context(), bytes.NewReader(in), Any, nil)
		var line *LineError
		if err != nil && !errors.As(err, &line) {
			t.Fatalf("%v names no line", err)
		}
		if n > bytes.Count(in, []byte("\n"))+1 {
			t.Fatalf("%d elements out of %d lines", n, bytes.Count(in, []byte("\n"))+1)
		}
		_, again := newFake().create(t, d).Import(t.Context(), bytes.NewReader(in), Any, nil)
		law.Same(t, err, again)
	})
}
