package zmqbus

import (
	"strings"

	"github.com/omninode-ai/onex/event"
)

// reserved begins the topics that are no subjects. They sort after all
// subjects: libzmq repeats subscriptions in the order of their bytes, and
// readiness must come last.
const reserved = "\xff"

// Reserved topics, each followed by a random number.
const (
	topicReady = reserved + "rdy." // echoed to whoever subscribes to it
	topicCount = reserved + "cnt." // answered with the number of subscribers of the topic that follows
	topicGroup = reserved + "grp." // gets what a member of a group gets; group and filter follow
)

// directed begins the topic of an event that is directed to one receiver, who is
// named first: a receiver's subscription is then a prefix, and the transport
// carries nothing else to it. No kind begins so.
const directed = "@"

// topicOf returns the topic of s.
func topicOf(prefix string, s event.Subject) string {
	kind, rest, _ := strings.Cut(string(s), ".")
	from, receiver, found := strings.Cut(rest, ".")
	if !found {
		return prefix + "." + string(s)
	}
	return prefix + "." + directed + receiver + "." + kind + "." + from
}

// subjectOf returns the subject of a topic. Directed events of foreign programs
// may have the subject's own order.
func subjectOf(prefix, topic string) (event.Subject, error) {
	rest, ok := strings.CutPrefix(topic, prefix+".")
	if !ok {
		return "", event.ErrSubject.With("%q does not begin with %q", topic, prefix+".")
	}
	if to, ok := strings.CutPrefix(rest, directed); ok {
		receiver, from, _ := strings.Cut(to, ".")
		rest = from + "." + receiver
	}
	return event.ParseSubject(rest)
}

// prefixesOf returns what to subscribe to for f: the longest beginnings that all
// topics of matching subjects have.
func prefixesOf(prefix string, f event.Filter) []string {
	tokens := strings.Split(string(f), ".")
	n := len(tokens)
	open := tokens[n-1] == ">"
	if open {
		tokens = tokens[:n-1]
	}
	for len(tokens) < 3 {
		tokens = append(tokens, "*")
	}
	var list []string
	if open && n <= 2 || !open && n == 2 {
		list = append(list, prefix+"."+literal(tokens[0], tokens[1]))
	}
	if open && n <= 3 || !open && n == 3 {
		list = append(list, prefix+"."+directed+literal(tokens[2], tokens[0], tokens[1]))
	}
	if len(list) == 2 && strings.HasPrefix(list[1], list[0]) {
		return list[:1]
	}
	return list
}

// receiverOf returns the receiver that a subscription to topic is about, or "".
func receiverOf(prefix, topic string) string {
	r, ok := strings.CutPrefix(topic, prefix+"."+directed)
	r, dot := strings.CutSuffix(r, ".")
	if !ok || !dot || strings.Contains(r, ".") {
		return ""
	}
	return r
}

// literal joins tokens up to the first wildcard.
func literal(tokens ...string) string {
	var out strings.Builder
	for i, t := range tokens {
		if t == "*" {
			break
		}
		out.WriteString(t)
		if i < len(tokens)-1 {
			out.WriteByte('.')
		}
	}
	return out.String()
}
