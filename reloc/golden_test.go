// SPDX-License-Identifier: MIT

package reloc_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/bpfload/bpfload/internal/golden"
	"github.com/bpfload/bpfload/reloc"
	"github.com/bpfload/bpfload/spec"
)

// TestGoldenObjects keeps what becomes of sample objects, instruction by
// instruction before anything is filled in.
func TestGoldenObjects(t *testing.T) {
	for _, name := range []string{"alias", "alias_program", "exceptions-clang22", "extern_call", "extern_unused", "gaps", "gaps-eb",
		"hidden_callback", "jumptable-clang22", "kconfig", "kfunc", "ksyms", "ksyms_typed", "nobtf", "optional_slot", "section_calls",
		"sections", "static_progs", "static_values", "static_values-clang22", "subprogs", "subprogs-clang22", "subprogs-eb",
		"tailcall", "text_only", "weak_map", "sec_unknown"} {
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile("../testdata/bpf/" + name + ".o")
			if err != nil {
				t.Fatal(err)
			}
			o, err := open(data, reloc.Options{})
			if err != nil {
				t.Fatal(err)
			}
			golden.Check(t, filepath.Join("testdata", name+".txt"), describe(o))
		})
	}
}

// describe writes out all that the package says of an object.
func describe(o *object) []byte {
	var b bytes.Buffer
	warn := func(warnings []spec.Warning) {
		for _, w := range warnings {
			fmt.Fprintf(&b, "warning %s: %s\n", w.Code, w)
		}
	}
	warn(o.linker.Warnings())
	warnings, err := o.linker.ResolveSlots(o.defs)
	warn(warnings)
	if err != nil {
		fmt.Fprintf(&b, "error: %v\n", err)
	}
	for _, m := range o.maps {
		for _, s := range m.Values {
			fmt.Fprintf(&b, "map %s[%d] = %s%s\n", m.Name, s.Index, s.Map, s.Program)
		}
	}
	for _, e := range o.linker.Externs() {
		fmt.Fprintf(&b, "extern %s kind %d weak %v\n", e.Name, e.Kind, e.Weak)
	}
	for _, p := range o.linker.Programs() {
		fmt.Fprintf(&b, "\nprogram %s in %s: %s by %q, attach type %s to %q, flags %d, autoload %v\n",
			p.Name, p.Section, spec.ProgramTypeName(p.Type), p.TypeFrom, spec.AttachTypeName(p.AttachType), p.AttachTo, p.Flags, p.Autoload)
		c, err := o.linker.Link(p)
		if err != nil {
			fmt.Fprintf(&b, "error: %v\n", err)
			continue
		}
		describeCode(&b, o, c)
		warn(c.Warnings)
	}
	return b.Bytes()
}

func describeCode(b *bytes.Buffer, o *object, c *reloc.Code) {
	funcs, lines := c.Funcs, c.Lines
	fixups, relos := c.Fixups, c.Relos
	for i := range uint32(c.Len()) {
		if p := c.Part(i); p.Insn == i {
			fmt.Fprintf(b, "  %s, %s+%#x:\n", p.Function, p.Section, p.Offset)
		}
		if len(funcs) > 0 && funcs[0].Insn == i {
			fmt.Fprintf(b, "  ; func %s\n", o.types.Type(funcs[0].Type).Name())
			funcs = funcs[1:]
		}
		if len(lines) > 0 && lines[0].Insn == i {
			fmt.Fprintf(b, "  ; %s:%d\n", o.types.Name(lines[0].File), lines[0].LineCol>>10)
			lines = lines[1:]
		}
		fmt.Fprintf(b, "  %4d  %x", i, c.Insns[8*i:][:8])
		if len(fixups) > 0 && fixups[0].Insn == i {
			f := fixups[0]
			name := f.Name
			if f.Map != nil && name == "" {
				name = f.Map.Name
			}
			fmt.Fprintf(b, "  %s %s", f.Kind, name)
			if f.Offset != 0 {
				fmt.Fprintf(b, "+%d", f.Offset)
			}
			if f.Table != nil {
				fmt.Fprintf(b, "+%d %v", f.TableOffset, f.Table)
			}
			fixups = fixups[1:]
		}
		if len(relos) > 0 && relos[0].Insn == i {
			fmt.Fprintf(b, "  core %s %s kind %d", o.types.Type(relos[0].Type).Name(), relos[0].Access, relos[0].Kind)
			relos = relos[1:]
		}
		b.WriteByte('\n')
	}
	if len(funcs)+len(lines)+len(fixups)+len(relos) > 0 {
		fmt.Fprintf(b, "  left over: %d %d %d %d\n", len(funcs), len(lines), len(fixups), len(relos))
	}
}
