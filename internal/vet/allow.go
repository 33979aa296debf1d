package vet

import (
	"fmt"
	"slices"
	"strings"
)

// An Exception is one place that may break a rule, and why.
type Exception struct {
	Rule, Subject, Reason string
}

// ParseExceptions reads lines of a rule, a subject and a reason, separated by
// white space. Empty lines and lines that begin with # are skipped. Each
// exception needs a reason of at least three words.
func ParseExceptions(text string) ([]Exception, error) {
	var list []Exception
	number := 0
	for line := range strings.Lines(text) {
		number++
		fields := strings.Fields(line)
		if len(fields) == 0 || strings.HasPrefix(fields[0], "#") {
			continue
		}
		if len(fields) < 5 {
			return nil, fmt.Errorf("line %d: want a rule, a subject and a reason, got %q", number, strings.TrimSpace(line))
		}
		list = append(list, Exception{fields[0], fields[1], strings.Join(fields[2:], " ")})
	}
	return list, nil
}

// Excuse returns the findings that no exception covers, and the exceptions that
// cover none.
func Excuse(found []Finding, exceptions []Exception) (left []Finding, unused []Exception) {
	used := make([]bool, len(exceptions))
	for _, f := range found {
		i := slices.IndexFunc(exceptions, func(e Exception) bool {
			return e.Rule == f.Rule && e.Subject == f.Subject
		})
		if i < 0 {
			left = append(left, f)
			continue
		}
		used[i] = true
	}
	for i, e := range exceptions {
		if !used[i] {
			unused = append(unused, e)
		}
	}
	return left, unused
}
