// SPDX-License-Identifier: MIT

package verify

import (
	"bufio"
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/bpfload/bpfload/internal/plain"
)

// writeJUnit writes a test suite for each object, with a case for each program,
// each regression, and for the object where it could not be judged.
func writeJUnit(w io.Writer, docs []*Document) error {
	b := bufio.NewWriter(w)
	b.WriteString(xml.Header + "<testsuites>\n")
	for _, d := range docs {
		failures, skipped, total := 0, 0, 0.0
		for _, p := range d.Programs {
			total += p.Seconds
			switch p.Verdict {
			case "rejected":
				failures++
			case "skipped":
				skipped++
			}
		}
		failures += len(d.Regressions)
		extra := len(d.Regressions)
		if d.Error != "" {
			failures++
			extra++
		}
		fmt.Fprintf(b, "  <testsuite name=%s tests=\"%d\" failures=\"%d\" skipped=\"%d\" time=\"%.6f\">\n",
			attr(d.File), len(d.Programs)+extra, failures, skipped, total)
		if d.Error != "" {
			fmt.Fprintf(b, "    <testcase classname=%s name=\"object\"><failure message=%s>%s</failure></testcase>\n", attr(d.File), attr(d.Error), escape(d.Help))
		}
		for _, p := range d.Programs {
			fmt.Fprintf(b, "    <testcase classname=%s name=%s time=\"%.6f\"", attr(d.File), attr(p.Name), p.Seconds)
			switch p.Verdict {
			case "rejected":
				fmt.Fprintf(b, ">\n      <failure type=%s message=%s>%s</failure>\n    </testcase>\n", attr(p.Code), attr(p.Error), escape(p.message()+"\n"+p.Log))
			case "skipped":
				b.WriteString("><skipped/></testcase>\n")
			default:
				b.WriteString("/>\n")
			}
		}
		for _, r := range d.Regressions {
			fmt.Fprintf(b, "    <testcase classname=%s name=\"regression\"><failure message=%s/></testcase>\n", attr(d.File), attr(r))
		}
		b.WriteString("  </testsuite>\n")
	}
	b.WriteString("</testsuites>\n")
	return b.Flush()
}

func attr(s string) string { return `"` + escape(s) + `"` }

// escape makes text of any bytes legal XML.
func escape(s string) string {
	var b strings.Builder
	xml.EscapeText(&b, []byte(plain.Lines(s)))
	return b.String()
}
