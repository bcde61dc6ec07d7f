// SPDX-License-Identifier: MIT

package reloc

// labels tells marks within functions from functions, in sections whose symbols
// have no type.
type labels struct {
	code    insns
	targets []uint64 // a bit for each instruction that is jumped to; nil until asked for
}

// contain says whether the instruction at off is within a function: reached from
// the instruction before it, or by a jump.
func (l *labels) contain(off uint64) bool {
	if off == 0 {
		return false
	}
	if off%insnSize != 0 {
		return true
	}
	if op := l.code.data[off-insnSize]; op != opExit && op != opJump {
		return true
	}
	if l.targets == nil {
		l.findTargets()
	}
	n := off / insnSize
	return l.targets[n/64]>>(n%64)&1 != 0
}

func (l *labels) findTargets() {
	count := len(l.code.data) / insnSize
	l.targets = make([]uint64, count/64+1)
	for n := range count {
		at := uint64(n) * insnSize
		op := l.code.data[at]
		if class := op & 7; class != classJump && class != classJump32 || op == opCall || op == opExit {
			continue
		}
		if to := n + 1 + int(l.code.off(at)); to >= 0 && to < count {
			l.targets[to/64] |= 1 << (to % 64)
		}
	}
}
