// SPDX-License-Identifier: MIT

package loader

import (
	"strconv"
	"strings"
	"time"
)

// Stats are the totals that the verifier writes at the end of its log.
type Stats struct {
	Processed  int           // instructions, each as often as it was looked at
	States     int           // in all
	PeakStates int           // at once
	Stack      int           // bytes, of all functions together
	Time       time.Duration // of verification; 0 where the kernel does not say (before 5.2)
}

// parseStats reads, of a log, lines such as
//
//	verification time 47 usec
//	stack depth 16+8
//	processed 12 insns (limit 1000000) max_states_per_insn 0 total_states 1 peak_states 1 mark_read 1
func parseStats(log string) Stats {
	var s Stats
	for line := range strings.Lines(log) {
		fields := strings.Fields(line)
		switch {
		case len(fields) == 4 && fields[0] == "verification" && fields[1] == "time":
			s.Time = time.Duration(number(fields[2])) * time.Microsecond
		case len(fields) >= 3 && fields[0] == "stack" && fields[1] == "depth":
			s.Stack = 0
			for part := range strings.SplitSeq(fields[2], "+") {
				s.Stack += number(part)
			}
		case len(fields) >= 3 && fields[0] == "processed" && fields[2] == "insns":
			s.Processed = number(fields[1])
			for i := 3; i+1 < len(fields); i++ {
				switch fields[i] {
				case "total_states":
					s.States = number(fields[i+1])
				case "peak_states":
					s.PeakStates = number(fields[i+1])
				}
			}
		}
	}
	return s
}

func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return 0
	}
	return n
}
