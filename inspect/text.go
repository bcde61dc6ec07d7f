// SPDX-License-Identifier: MIT

package inspect

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/bpfload/bpfload/internal/plain"
	"github.com/bpfload/bpfload/spec"
)

// WriteText writes the document for people to read.
func (d *Document) WriteText(w io.Writer) error {
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "%s: %s-endian BPF object", plain.Line(d.File), d.ELF.Order)
	if d.ELF.License != "" {
		fmt.Fprintf(b, ", license %q", d.ELF.License)
	} else {
		b.WriteString(", no license")
	}
	if !d.ELF.BTF {
		b.WriteString(", no BTF")
	}
	if v := d.ELF.KernelVersion; v != 0 {
		fmt.Fprintf(b, ", for kernel %d.%d.%d", v>>16, v>>8&0xff, v&0xff)
	}
	b.WriteString("\n")
	if len(d.Maps) > 0 {
		fmt.Fprintf(b, "\nmaps (%d)\n", len(d.Maps))
		table(b, func(w io.Writer) {
			fmt.Fprintln(w, "  name\ttype\tkey\tvalue\tentries\tflags\tsection\tremarks")
			for i := range d.Maps {
				m := &d.Maps[i]
				fmt.Fprintf(w, "  %s\t%s\t%d\t%d\t%d\t%#x\t%s\t%s\n", plain.Line(m.Name), m.Type, m.KeySize, m.ValueSize,
					m.MaxEntries, m.MapFlags, plain.Line(m.Section), m.remarks())
			}
		})
		d.writeMapDetails(b)
	}
	if len(d.Programs) > 0 {
		fmt.Fprintf(b, "\nprograms (%d)\n", len(d.Programs))
		table(b, func(w io.Writer) {
			fmt.Fprintln(w, "  name\tsection\ttype\tattach\tinsns\tremarks")
			for i := range d.Programs {
				p := &d.Programs[i]
				fmt.Fprintf(w, "  %s\t%s\t%s\t%s\t%d\t%s\n", plain.Line(p.Name), plain.Line(p.Section), p.Type, p.attach(), p.Insns, p.remarks())
			}
		})
	}
	if len(d.Variables) > 0 {
		fmt.Fprintf(b, "\nvariables (%d)\n", len(d.Variables))
		table(b, func(w io.Writer) {
			fmt.Fprintln(w, "  name\tplace\tsize\ttype")
			for _, v := range d.Variables {
				fmt.Fprintf(w, "  %s\t%s+%#x\t%d\t%s\n", plain.Line(v.Name), plain.Line(v.Section), v.Offset, v.Size, plain.Line(v.Type))
			}
		})
	}
	if len(d.Capabilities) > 0 {
		fmt.Fprintf(b, "\nneeds %s\n", strings.Join(d.Capabilities, ", "))
	}
	if len(d.Warnings) > 0 {
		fmt.Fprintf(b, "\nwarnings (%d)\n", len(d.Warnings))
		for _, w := range d.Warnings {
			fmt.Fprintf(b, "  %s\n", w)
		}
	}
	return b.Flush()
}

// table aligns the columns of what rows writes and drops trailing blanks.
func table(b *bufio.Writer, rows func(io.Writer)) {
	var s strings.Builder
	tw := tabwriter.NewWriter(&s, 0, 8, 2, ' ', 0)
	rows(tw)
	tw.Flush()
	for line := range strings.Lines(s.String()) {
		b.WriteString(strings.TrimRight(line, " \n"))
		b.WriteByte('\n')
	}
}

func (d *Document) writeMapDetails(b *bufio.Writer) {
	for i := range d.Maps {
		m := &d.Maps[i]
		if in := m.Inner; in != nil {
			fmt.Fprintf(b, "  %s holds maps of type %s, key %d, value %d, entries %d, flags %#x\n",
				plain.Line(m.Name), in.Type, in.KeySize, in.ValueSize, in.MaxEntries, in.MapFlags)
		}
		for _, v := range m.Values {
			if v.Map != "" {
				fmt.Fprintf(b, "  %s[%d] = map %s\n", plain.Line(m.Name), v.Index, plain.Line(v.Map))
			} else {
				fmt.Fprintf(b, "  %s[%d] = program %s\n", plain.Line(m.Name), v.Index, plain.Line(v.Program))
			}
		}
	}
	seen := map[string]bool{}
	for i := range d.Maps {
		m := &d.Maps[i]
		if m.Dialect == "" || seen[m.Dialect] {
			continue
		}
		seen[m.Dialect] = true
		fmt.Fprintf(b, "  dialect %s:\n", m.Dialect)
		for _, e := range m.Evidence {
			fmt.Fprintf(b, "    %s\n", plain.Line(e))
		}
	}
}

func (m *Map) remarks() string {
	var r []string
	if m.Pinning != "none" {
		pin := "pinned " + m.Pinning
		switch {
		case m.PinPath != "":
			pin = "pinned at " + plain.Line(m.PinPath)
		case m.Namespace != "":
			pin += " " + plain.Line(m.Namespace)
		case m.PinID != nil:
			pin += fmt.Sprintf(" by id %d", *m.PinID)
		}
		r = append(r, pin)
	}
	if m.MapExtra != 0 {
		r = append(r, fmt.Sprintf("extra %#x", m.MapExtra))
	}
	if m.MapFlags&4 != 0 { // BPF_F_NUMA_NODE
		r = append(r, fmt.Sprintf("node %d", m.NUMANode))
	}
	if m.Dialect != "" {
		r = append(r, m.Dialect)
	}
	if m.Alias != "" {
		r = append(r, "symbol "+plain.Line(m.Alias))
	}
	if k := kernels(m.MinKernel, m.MaxKernel); k != "" {
		r = append(r, k)
	}
	switch {
	case !m.NoCreate:
	case m.Origin == string(spec.OriginData):
		r = append(r, "not created: the values stand in the code")
	default:
		r = append(r, "not created unless asked for")
	}
	return strings.Join(r, ", ")
}

// kernels says on which an Android object's map or program exists, "" for all.
func kernels(from, before string) string {
	switch {
	case from == "" && before == "":
		return ""
	case from == "":
		return "on kernels before " + before
	case before == "":
		return "on kernels from " + from
	}
	return "on kernels from " + from + " to before " + before
}

func (p *Program) attach() string {
	switch {
	case p.AttachType == "" && p.AttachTo == "":
		return "-"
	case p.AttachTo == "":
		return p.AttachType
	case p.AttachType == "":
		return plain.Line(p.AttachTo)
	}
	return p.AttachType + " " + plain.Line(p.AttachTo)
}

func (p *Program) remarks() string {
	var r []string
	if !p.Autoload {
		r = append(r, "optional")
	}
	switch p.TypeFrom {
	case "libbpf":
	case "":
		r = append(r, "no type: name it with --type "+plain.Line(p.Section)+"=TYPE")
	default:
		r = append(r, "type by "+p.TypeFrom)
	}
	if t := p.TailCall; t != nil {
		r = append(r, fmt.Sprintf("slot %s[%d]", plain.Line(t.Map), t.Index))
	}
	if k := kernels(p.MinKernel, p.MaxKernel); k != "" {
		r = append(r, k)
	}
	if p.Error != "" {
		r = append(r, plain.Line(p.Error))
	}
	return strings.Join(r, ", ")
}

// String formats the place first.
func (w Warning) String() string {
	var b strings.Builder
	if w.Section != "" {
		fmt.Fprintf(&b, "section %q+%#x: ", w.Section, w.Offset)
	}
	if w.Symbol != "" {
		fmt.Fprintf(&b, "%q: ", w.Symbol)
	}
	b.WriteString(plain.Line(w.Message))
	return b.String()
}
