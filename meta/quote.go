package meta

import (
	"strconv"
	"strings"
)

// indicators mean something else at the start of a scalar, in YAML. A few are
// harmless before certain characters; they are quoted all the same.
// The plus sign is no indicator, but "// +build" is a build constraint in Go.
const indicators = "-?:,[]{}#&*!|>'\"%@`=~<+"

// needsQuote reports whether s, which needs no escape, would be read as
// something else than the text s if it were printed plain.
func needsQuote(s string) bool {
	if s == "" || strings.IndexByte(indicators, s[0]) >= 0 {
		return true
	}
	if last := s[len(s)-1]; s[0] == ' ' || last == ' ' || last == ':' {
		return true
	}
	return strings.Contains(s, ": ") || strings.Contains(s, " #") || isWord(s) || looksNumeric(s)
}

// longestWord is the length of "false".
const longestWord = 5

// isWord reports whether s is a word that YAML 1.1 or 1.2 gives a meaning
// (1.1: types bool and null).
func isWord(s string) bool {
	if len(s) > longestWord {
		return false
	}
	switch strings.ToLower(s) {
	case "y", "n", "yes", "no", "on", "off", "true", "false", "null":
		return true
	}
	return false
}

// looksNumeric reports whether s might be read as a number, a time or a date by
// YAML 1.1 or 1.2. It errs on the side of quoting.
func looksNumeric(s string) bool {
	c := s[0]
	if (c < '0' || c > '9') && c != '+' && c != '.' && !strings.EqualFold(s, "nan") && !strings.HasPrefix(strings.ToLower(s), "inf") {
		return false
	}
	if isDate(s) || strings.HasPrefix(s, "...") || strings.Trim(s, "0123456789:._+-") == "" && strings.Contains(s, ":") {
		return true
	}
	n := s
	if strings.IndexByte(s, '_') >= 0 || strings.IndexByte(s, ',') >= 0 {
		n = strings.NewReplacer("_", "", ",", "").Replace(s)
	}
	if len(n) > 1 && (n[0] == '.' || (n[0] == '+' && n[1] == '.')) && strings.IndexAny(n, "iInN") > 0 {
		return true // .inf, .nan
	}
	_, floatErr := strconv.ParseFloat(n, 64)
	_, intErr := strconv.ParseInt(n, 0, 64)
	return !isSyntax(floatErr) || !isSyntax(intErr)
}

// isSyntax tells a number out of range, which is still a number, from no number.
func isSyntax(err error) bool {
	numErr, ok := err.(*strconv.NumError)
	return ok && numErr.Err == strconv.ErrSyntax
}

// isDate reports whether s starts like 2025-1.
func isDate(s string) bool {
	return len(s) > 5 && digits(s) == 4 && s[4] == '-' && '0' <= s[5] && s[5] <= '9'
}
