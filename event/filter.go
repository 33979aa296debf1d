package event

import "strings"

// A Filter says which subjects are wanted: tokens separated by dots, where "*"
// stands for any one token and ">", at the end, for one or more.
type Filter string

// AllEvents matches every subject.
const AllEvents Filter = ">"

// FilterKind matches undirected events of kind k, from whatever node.
func FilterKind(k Kind) Filter { return Filter(k.Token() + ".*") }

// FilterTo matches every event directed to receiver.
func FilterTo(receiver string) Filter { return Filter(toReceiver + receiver) }

// toReceiver begins the filters of [FilterTo].
const toReceiver = "*.*."

// Receiver returns the receiver of a filter that [FilterTo] made, or "".
func (f Filter) Receiver() string {
	r, ok := strings.CutPrefix(string(f), toReceiver)
	if !ok || strings.ContainsAny(r, ".*>") {
		return ""
	}
	return r
}

// ParseFilter checks the form of a filter. Its error names what is wrong.
func ParseFilter(text string) (Filter, error) {
	if len(text) > MaxFilter {
		return "", ErrFilter.With("%q is longer than %d bytes", clip(text), MaxFilter)
	}
	tokens := strings.Split(text, ".")
	if len(tokens) > maxTokens {
		return "", ErrFilter.With("%q has more than %d tokens", text, maxTokens)
	}
	for i, t := range tokens {
		rest := t == ">" && i == len(tokens)-1
		if !rest && t != "*" && !validToken(t) {
			return "", ErrFilter.With("%q: token %d, %q", text, i+1, t)
		}
	}
	return Filter(text), nil
}

// Match reports whether s is wanted. It does not allocate. A filter that
// [ParseFilter] would refuse matches nothing but what is spelt alike.
func (f Filter) Match(s Subject) bool {
	filter, subject := string(f), string(s)
	for {
		want, filterRest, filterMore := strings.Cut(filter, ".")
		got, subjectRest, subjectMore := strings.Cut(subject, ".")
		if want == ">" && !filterMore {
			return got != ""
		}
		if want != got && (want != "*" || got == "") {
			return false
		}
		if !filterMore || !subjectMore {
			return filterMore == subjectMore
		}
		filter, subject = filterRest, subjectRest
	}
}
