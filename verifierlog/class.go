// SPDX-License-Identifier: MIT

package verifierlog

import (
	"embed"
	"strings"
)

// A Class is a kind of rejection that has one explanation.
type Class struct {
	Code  string // such as "verifier/null-pointer"; never changes its meaning
	Title string // what is wrong, in a few words
	Help  string // what to do about it, in one line
}

// codePrefix begins the code of every class.
const codePrefix = "verifier/"

//go:embed pages/*.md
var pages embed.FS

// Classes returns all classes, in the order in which a log is compared with them.
func Classes() []Class {
	all := classes()
	list := make([]Class, len(all))
	for i := range all {
		list[i] = all[i].Class
	}
	return list
}

// Lookup returns the class with a code, which may lack the prefix "verifier/".
func Lookup(code string) (Class, bool) {
	if !strings.HasPrefix(code, codePrefix) {
		code = codePrefix + code
	}
	for _, c := range classes() {
		if c.Code == code {
			return c.Class, true
		}
	}
	return Class{}, false
}

// Page returns the text that explains the class, as Markdown: what the message
// means, why the kernel says it, and wrong and right code.
func (c Class) Page() string {
	text, err := pages.ReadFile("pages/" + strings.TrimPrefix(c.Code, codePrefix) + ".md")
	if err != nil {
		return ""
	}
	return string(text)
}

// A class and the messages that it stands for.
type class struct {
	Class
	rules []rule

	// The last instruction in the log has nothing to do with it: the verifier
	// says this before it looks at instructions, or after all of them.
	nowhere bool

	// Several kinds of mistake end with these words; a line before them tells
	// which it was.
	general bool
}

// A rule recognises one form of message.
type rule struct {
	pattern string // for match
	help    string // instead of the class's
	here    bool   // said at an instruction, unlike the rest of a class that is nowhere
	when    func(line string) bool
}

// classify returns the class, and its rule, of what the verifier said in the end.
// The last line counts, unless it is a general one that explains a line before it.
func classify(lines []string) (c *class, r *rule) {
	for i := len(lines) - 1; i >= 0; i-- {
		lc, lr := classOf(lines[i])
		if lc != nil && !lc.general {
			return lc, lr
		}
		if c == nil {
			c, r = lc, lr
		}
	}
	return c, r
}

// classOf returns the first class that knows a line.
func classOf(line string) (*class, *rule) {
	all := classes()
	for i := range all {
		c := &all[i]
		for j := range c.rules {
			r := &c.rules[j]
			if match(r.pattern, line) && (r.when == nil || r.when(line)) {
				return c, r
			}
		}
	}
	return nil, nil
}

// says makes rules without any more to them.
func says(patterns ...string) []rule {
	rules := make([]rule, len(patterns))
	for i, p := range patterns {
		rules[i].pattern = p
	}
	return rules
}
