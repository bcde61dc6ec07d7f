// SPDX-License-Identifier: MIT

package verifierlog

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const connLog = `6: (85) call bpf_map_lookup_elem#1    ; R0=map_value_or_null(id=1,map=conns,ks=4,vs=8)
7: (61) r0 = *(u32 *)(r0 +0)
R0 invalid mem access 'map_value_or_null'
processed 7 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0
`

func TestRender(t *testing.T) {
	tests := map[string]struct {
		log     string
		lines   LineTable
		program string
		want    []string
	}{
		"a line table gives column and caret": {
			log:     connLog,
			program: "track_conn",
			lines: LineTable{
				{0, "conn.c", 20, 5, "int track_conn(void *ctx)"},
				{7, "conn.c", 24, 9, "\treturn *v;"},
				{8, "conn.c", 25, 1, "}"},
			},
			want: []string{
				`error: program "track_conn" rejected: R0 invalid mem access 'map_value_or_null'`,
				`  --> conn.c:24:9  (insn 7)`,
				`   |`,
				`24 |     return *v;`,
				`   |            ^ `,
				`   = R0: map_value_or_null(id=1,map=conns,ks=4,vs=8)`,
				`   = help: the lookup may return NULL; test the pointer before using it`,
			},
		},
		"the gutter is as wide as the line number": {
			log:   connLog,
			lines: LineTable{{7, "lib/conn.c", 10240, 1, "x"}},
			want: []string{
				`error: program rejected: R0 invalid mem access 'map_value_or_null'`,
				`     --> lib/conn.c:10240:1  (insn 7)`,
				`      |`,
				`10240 | x`,
				`      | ^ `,
				`      = R0: map_value_or_null(id=1,map=conns,ks=4,vs=8)`,
				`      = help: the lookup may return NULL; test the pointer before using it`,
			},
		},
		"no line table: the instruction": {
			log: connLog,
			want: []string{
				`error: program rejected: R0 invalid mem access 'map_value_or_null'`,
				` --> insn 7`,
				`  |`,
				`7 | (61) r0 = *(u32 *)(r0 +0)`,
				`  |`,
				`  = R0: map_value_or_null(id=1,map=conns,ks=4,vs=8)`,
				`  = help: the lookup may return NULL; test the pointer before using it`,
			},
		},
		"a line without text, after the instruction's own": {
			log:   "7: (95) exit\nR0 !read_ok\n",
			lines: LineTable{{0, "a.c", 3, 0, ""}},
			want: []string{
				`error: program rejected: R0 !read_ok`,
				` --> a.c:3  (insn 7)`,
				`  |`,
				`7 | (95) exit`,
				`  |`,
				`  = help: give the variable a value on every path; calls do not preserve r1 to r5, and a function must set its return value`,
			},
		},
		"a column beyond the line has no caret": {
			log:   "7: (95) exit\nwhat\n",
			lines: LineTable{{7, "a.c", 3, 90, "x"}},
			want:  []string{`error: program rejected: what`, ` --> a.c:3:90  (insn 7)`, `  |`, `3 | x`, `  |`},
		},
		"a line table that begins later": {
			log:   "7: (95) exit\nwhat\n",
			lines: LineTable{{8, "a.c", 3, 1, "x"}},
			want:  []string{`error: program rejected: what`, ` --> insn 7`, `  |`, `7 | (95) exit`, `  |`},
		},
		"where the reference came from": {
			log: "0: R1=ctx() R10=fp0\n; e = reserve(); @ a.c:5\n5: (85) call bpf_ringbuf_reserve#131\n; return 0; @ a.c:9\n9: (95) exit\n" +
				"Unreleased reference id=2 alloc_insn=5\nBPF_EXIT instruction in main prog would lead to reference leak\n",
			want: []string{
				`error: program rejected: BPF_EXIT instruction in main prog would lead to reference leak`,
				` --> a.c:9  (insn 9)`,
				`  |`,
				`9 | return 0;`,
				`  |`,
				`  = note: acquired at a.c:5 (insn 5)`,
				`  = note: Unreleased reference id=2 alloc_insn=5`,
				`  = help: release, submit or discard it before every return, in the branches taken on errors too`,
			},
		},
		"no place": {
			log:  "last insn is not an exit or jmp\n",
			want: []string{`error: program rejected: last insn is not an exit or jmp`, `  = help: end every path with a return; a missing one often means undefined behaviour that the compiler cut away`},
		},
		"nothing": {want: []string{`error: program rejected`}},
		"nothing of a verifier's": {
			log:  "segmentation fault\n\tcore dumped\n",
			want: []string{`error: program rejected`, `  | segmentation fault`, `  |     core dumped`},
		},
		"cut before the reason": {
			log:  "7: (95) ex",
			want: []string{`error: program rejected (the log ends before the reason)`, ` --> insn 7`, `  |`, `7 | (95) ex`, `  |`},
		},
		"nothing is printed raw": {
			program: "a\x1b[31m\"b\n",
			log:     "7: R1=x\x1b[2J\u202e R2=\xff\n; s\x07\u00e9 @ f\x1b.c:3\n7: (2d) if r1 > r2 goto pc+4\nR1 \x1b]0;title\x07 R2\r\nprocessed 1 insns\n",
			want: []string{
				`error: program "a\x1b[31m\"b\n" rejected: R1 \x1b]0;title\a R2`,
				` --> f\x1b.c:3  (insn 7)`,
				`  |`,
				"3 | s\\a\u00e9",
				`  |`,
				`  = R1: x\x1b[2J\u202e`,
				`  = R2: \xff`,
			},
		},
		"the caret stands under what is shown": {
			log:   "7: (95) exit\nwhat\n",
			lines: LineTable{{7, "a.c", 3, 8, "\u00e9\t\x1b\u4e16x"}},
			want:  []string{`error: program rejected: what`, ` --> a.c:3:8  (insn 7)`, `  |`, "3 | \u00e9    \\x1b\u4e16x", `  |           ^ `},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			d := Explain(Parse(test.log), test.lines)
			d.Program = test.program
			var b strings.Builder
			if err := Render(&b, d); err != nil {
				t.Fatal(err)
			}
			want := strings.Join(test.want, "\n") + "\n"
			if diff := cmp.Diff(want, b.String()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// What the caller knows goes before what the verifier said.
func TestRenderCause(t *testing.T) {
	for message, want := range map[string]string{
		"invalid func unknown#195896080": "error: program \"p\" rejected: the kernel's struct s has no field x (invalid func unknown#195896080)\n",
		"":                               "error: program \"p\" rejected: the kernel's struct s has no field x\n",
	} {
		var b strings.Builder
		if err := Render(&b, Diagnosis{Program: "p", Message: message, Cause: "the kernel's struct s has no field x"}); err != nil || b.String() != want {
			t.Errorf("got %q, %v, want %q", &b, err, want)
		}
	}
}

func TestRenderCutsLongLines(t *testing.T) {
	long := strings.Repeat("x", 1<<20)
	d := Explain(Parse("; "+long+" @ a.c:1\n7: R1="+long+"\n7: (bf) r2 = r1\nR1 "+long+"\n"), nil)
	d.Program = long
	var b strings.Builder
	Render(&b, d)
	if b.Len() > 8*maxWidth {
		t.Errorf("%d bytes", b.Len())
	}
}

type brokenWriter struct{}

var errBroken = errors.New("broken")

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }

func TestRenderReportsWriteError(t *testing.T) {
	if err := Render(brokenWriter{}, Diagnosis{}); !errors.Is(err, errBroken) {
		t.Errorf("error %v", err)
	}
}

func TestPoison(t *testing.T) {
	tests := map[string]struct {
		message string
		want    *Poison
		code    string
	}{
		"CO-RE":           {"invalid func unknown#195896080", &Poison{PoisonCORE, 0}, "verifier/core-relocation"},
		"map":             {"invalid func unknown#2001000003", &Poison{PoisonMap, 3}, "verifier/missing-map"},
		"kfunc":           {"invalid func unknown#2002000001", &Poison{PoisonKfunc, 1}, "verifier/missing-kfunc"},
		"kfunc by cilium": {"invalid func unknown#233685214", &Poison{PoisonKfunc, 0}, "verifier/missing-kfunc"},
		"beyond":          {"invalid func unknown#2003000000", nil, "verifier/unknown-helper"},
		"none":            {"invalid func unknown#198", nil, "verifier/unknown-helper"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			d := Explain(Parse("1: (85) call unknown#1\n"+test.message+"\n"), nil)
			if diff := cmp.Diff(test.want, d.Poison); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if d.Code != test.code {
				t.Errorf("code %q, want %q", d.Code, test.code)
			}
		})
	}
}
