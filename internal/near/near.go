// SPDX-License-Identifier: MIT

// Package near finds the name that someone most likely meant.
package near

// Best returns the candidate with the smallest edit distance to name, the first
// of several, or "" where none is closer than a third of its length. Swapped
// neighbours count as one edit.
func Best(name string, candidates []string) string {
	best, limit := "", max(2, (len(name)-1)/3)+1
	for _, c := range candidates {
		if c == name {
			continue
		}
		if d := distance(name, c, limit); d < limit {
			best, limit = c, d
		}
	}
	return best
}

// distance is the restricted Damerau-Levenshtein distance of two byte strings, or
// limit if it is at least that.
func distance(a, b string, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	before, prev, cur := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		cur[0] = i
		least := i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			d := min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d = min(d, before[j-2]+1)
			}
			cur[j] = d
			least = min(least, d)
		}
		if least >= limit {
			return limit
		}
		before, prev, cur = prev, cur, before
	}
	return min(prev[len(b)], limit)
}
