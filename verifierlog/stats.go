// SPDX-License-Identifier: MIT

package verifierlog

import (
	"strconv"
	"strings"
	"time"
)

// Stats is what the verifier says about its own work. Every log that is not cut
// has the first line of it; the others need log level 4.
type Stats struct {
	Insns              int // instructions looked at, on all paths together
	Limit              int // how many would have been too many
	MaxStatesPerInsn   int
	TotalStates        int
	PeakStates         int
	MarkRead           int
	Time               time.Duration // verification time
	StackDepths        []int         // bytes of stack of the program and of each subprogram, in order
	MaxStack           int           // deepest chain of calls in bytes, from Linux 7.x on
	InsnsPerSubprogram []int         // Insns by subprogram, from Linux 7.x on
	Complete           bool          // the log has its last line, so its end was not cut
}

// parse reads a line of statistics:
//
//	processed 7 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0
//	processed 7 insns, stack depth 8
//	verification time 144 usec
//	stack depth 16+8 max 24
//	insns processed 5+2
func (s *Stats) parse(line string) bool {
	if rest, ok := strings.CutPrefix(line, "processed "); ok {
		f := strings.Fields(rest)
		if len(f) < 2 || !strings.HasPrefix(f[1], "insns") {
			return false
		}
		insns, ok := number(f[0])
		if !ok {
			return false
		}
		s.Insns, s.Complete = insns, true
		for i := 2; i+1 < len(f); i++ {
			s.set(f[i], strings.TrimRight(f[i+1], "),"))
		}
		return true
	}
	if rest, ok := strings.CutPrefix(line, "verification time "); ok {
		usec, ok := number(strings.TrimSuffix(rest, " usec"))
		if ok {
			s.Time = time.Duration(usec) * time.Microsecond
		}
		return ok
	}
	if rest, ok := strings.CutPrefix(line, "stack depth "); ok {
		depths, deepest, _ := strings.Cut(rest, " max ")
		list, ok := sum(depths)
		if ok {
			s.StackDepths = list
			s.MaxStack, _ = number(deepest)
		}
		return ok
	}
	if rest, ok := strings.CutPrefix(line, "insns processed "); ok {
		list, ok := sum(rest)
		if ok {
			s.InsnsPerSubprogram = list
		}
		return ok
	}
	return false
}

func (s *Stats) set(name, value string) {
	n, ok := number(value)
	if !ok {
		return
	}
	switch name {
	case "(limit":
		s.Limit = n
	case "max_states_per_insn":
		s.MaxStatesPerInsn = n
	case "total_states":
		s.TotalStates = n
	case "peak_states":
		s.PeakStates = n
	case "mark_read":
		s.MarkRead = n
	}
}

// maxSubprograms is more than any kernel accepts.
const maxSubprograms = 4096

// sum reads "16+8+0".
func sum(s string) ([]int, bool) {
	parts := strings.SplitN(s, "+", maxSubprograms+1)
	if len(parts) > maxSubprograms {
		return nil, false
	}
	list := make([]int, len(parts))
	for i, part := range parts {
		n, ok := number(part)
		if !ok {
			return nil, false
		}
		list[i] = n
	}
	return list, true
}

// number reads a decimal number of at most 18 digits, without a sign.
func number(s string) (int, bool) {
	if len(s) > 18 || digits(s) != len(s) {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 0)
	return int(n), err == nil
}
