package sshsig

import "strings"

// matchList reports whether name matches a comma-separated list of patterns and is
// not excluded by one of them that begins with "!", as in PATTERNS of ssh_config(5).
func matchList(name, list string) bool {
	found := false
	for pattern := range strings.SplitSeq(list, ",") {
		negated, not := strings.CutPrefix(pattern, "!")
		if not && matchPattern(name, negated) {
			return false
		}
		found = found || !not && matchPattern(name, pattern)
	}
	return found
}

// matchPattern matches "*" with any characters and "?" with one. It goes back to the
// last star only, which is enough, so its time is at most len(name)·len(pattern).
func matchPattern(name, pattern string) bool {
	star, retry := -1, 0
	n, p := 0, 0
	for n < len(name) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, retry = p, n
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == name[n]):
			n++
			p++
		case star >= 0:
			retry++
			n, p = retry, star+1
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
