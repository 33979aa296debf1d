package tree

import (
	"path"
	"strings"
)

// A Pattern is one line of a gitignore(5) file, to ask whether a path is meant.
type Pattern struct{ lines []pattern }

// ParsePattern reads a pattern. It reports false for one that can match nothing,
// and for one that excludes: "!" and several lines.
func ParsePattern(text string) (Pattern, bool) {
	ps := parsePatterns(text)
	return Pattern{ps}, len(ps) == 1 && !ps[0].negated
}

// Match reports whether p means the file name, which is relative to the root, or
// a directory that it lies in.
func (p Pattern) Match(name string) bool {
	for isDir := false; name != "."; name, isDir = path.Dir(name), true {
		if judge(p.lines, name, isDir) == ignore {
			return true
		}
	}
	return false
}

// A pattern is one line of an ignore file.
type pattern struct {
	negated  bool // what it matches is not ignored
	dirOnly  bool
	anchored bool   // it is matched with the whole path, not the last element
	literal  string // what the path must begin with
	glob     glob   // what the rest must match; nil: there must be no rest
}

// parsePatterns reads the lines of a gitignore(5) file. Lines that can match
// nothing are left out.
func parsePatterns(text string) []pattern {
	var ps []pattern
	for line := range strings.Lines(strings.TrimPrefix(text, "\ufeff")) {
		line, _ = strings.CutSuffix(line, "\n")
		line, _ = strings.CutSuffix(line, "\r")
		if strings.HasPrefix(line, "#") {
			continue
		}
		if p, ok := parsePattern(trimSpaces(line)); ok {
			ps = append(ps, p)
		}
	}
	return ps
}

// trimSpaces removes the spaces at the end of s that no backslash quotes.
func trimSpaces(s string) string {
	end := 0
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
			end = i + 1
		} else if s[i] != ' ' {
			end = i + 1
		}
	}
	return s[:end]
}

func parsePattern(s string) (pattern, bool) {
	var p pattern
	s, p.negated = strings.CutPrefix(s, "!")
	s, p.dirOnly = strings.CutSuffix(s, "/")
	p.anchored = strings.Contains(s, "/")
	s = strings.TrimPrefix(s, "/")
	if s == "" {
		return p, false
	}
	special := strings.IndexAny(s, `*?[\`)
	if special < 0 {
		p.literal = s
		return p, true
	}
	g, ok := compileGlob(s[special:])
	p.literal, p.glob = s[:special], g
	return p, ok
}

// match reports whether p matches name, a path relative to the directory of the
// ignore file.
func (p *pattern) match(name string, isDir bool) bool {
	if p.dirOnly && !isDir {
		return false
	}
	if !p.anchored {
		name = path.Base(name)
	}
	after, ok := strings.CutPrefix(name, p.literal)
	if !ok || p.glob == nil {
		return ok && after == ""
	}
	return p.glob.match(after)
}

// verdict is what patterns say of a path.
type verdict uint8

const (
	silent verdict = iota
	ignore
	keep
)

// judge returns what the last of ps that matches name says.
func judge(ps []pattern, name string, isDir bool) verdict {
	for i := len(ps) - 1; i >= 0; i-- {
		if !ps[i].match(name, isDir) {
			continue
		}
		if ps[i].negated {
			return keep
		}
		return ignore
	}
	return silent
}
