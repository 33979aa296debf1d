package event

import (
	"slices"
	"strings"

	"github.com/omninode-ai/onex/node"
)

// The words that enumerated fields may hold.
var (
	statuses         = node.Statuses()
	trusts           = node.Trusts()
	runtimes         = node.Runtimes()
	announceStatuses = []AnnounceStatus{AnnounceEphemeral, AnnounceOnline, AnnounceValidated}
	modes            = []ExecutionMode{ModeMemory, ModeContainer, ModeExternal}
	policies         = []Policy{PolicyFirst, PolicyRoundRobin, PolicyRandom, PolicyLeastLoaded, PolicyLocalFirst}
	portActions      = []PortAction{PortAllocate, PortRenew, PortRelease}
	claimActions     = []ClaimAction{ClaimBegin, ClaimComplete, ClaimRelease}
	claimStates      = []ClaimState{ClaimGranted, ClaimRunning, ClaimCompleted, ClaimUnknown, ClaimReleased, ClaimConflict, ClaimRefused}
	protocols        = []Protocol{TCP, UDP}
	logLevels        = []LogLevel{LevelTrace, LevelDebug, LevelInfo, LevelWarning, LevelError, LevelCritical}
	results          = node.Results()
)

// text visits a string.
func text[S ~string](c *codec, name string, p *S, n need) {
	switch c.mode {
	case measuring:
		c.measureText(name, string(*p), n)
	case writing:
		c.writeText(name, string(*p), n)
	case reading:
		if s, ok := c.readText(name, n); ok {
			*p = S(s)
		}
	case redacting:
		*p = S(c.redactText(name, string(*p)))
	}
}

// token visits a string that can be one token of a subject: an id or a name.
// Anything else could direct an answer to somebody else, or to everybody.
func token[S ~string](c *codec, name string, p *S, n need) {
	if s := string(*p); c.mode <= writing && plainToken(s) {
		if c.mode == measuring {
			c.count(name, len(s)+2)
		} else {
			c.plainText(name, s)
		}
		return
	}
	text(c, name, p, n)
	if *p != "" && c.mode <= reading && !validToken(string(*p)) {
		c.fail(ErrValue, name, "%q is not a token of at most %d printable characters without . * >", clip(string(*p)), MaxToken)
	}
}

// enum visits a word out of a closed set.
func enum[S ~string](c *codec, name string, p *S, n need, allowed []S) {
	text(c, name, p, n)
	if *p != "" && c.mode <= reading && !slices.Contains(allowed, *p) {
		c.fail(ErrValue, name, "%q is not one of %s", clip(string(*p)), words(allowed))
	}
}

func words[S ~string](allowed []S) string {
	var b strings.Builder
	for i, w := range allowed {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(string(w))
	}
	return b.String()
}

// result visits a result; the old word failure reads as error.
func (c *codec) result(name string, p *node.Result, n need) {
	text(c, name, p, n)
	if c.mode == reading && *p == "failure" {
		*p = node.Failed
	}
	if *p != "" && c.mode <= reading && !slices.Contains(results, *p) {
		c.fail(ErrValue, name, "%q is not one of %s", clip(string(*p)), words(results))
	}
}

// constant visits a field that the kind of the event determines.
func (c *codec) constant(name, value string) {
	s := value
	text(c, name, &s, always)
	if s != value {
		c.fail(ErrValue, name, "%q is not %s", clip(s), value)
	}
}

// constantFlag is constant for a bool.
func (c *codec) constantFlag(name string, value bool) {
	b := value
	c.flag(name, &b, always)
	if b != value {
		c.fail(ErrValue, name, "%t is not %t", b, value)
	}
}

// texts visits a list of strings.
func texts[S ~string](c *codec, name string, p *[]S, n need) {
	switch c.mode {
	case measuring:
		c.count(name, len("[]"))
		for _, s := range *p {
			c.measureText(name, string(s), always)
		}
	case writing:
		if n == optional && len(*p) == 0 {
			return
		}
		c.key(name)
		c.out = append(c.out, '[')
		for i, s := range *p {
			if i > 0 {
				c.out = append(c.out, ',')
			}
			c.writeString(name, string(s))
		}
		c.out = append(c.out, ']')
	case reading:
		readTexts(c, name, p)
	case redacting:
		*p = slices.Clone(*p)
		for i, s := range *p {
			(*p)[i] = S(c.redactText(name, string(s)))
		}
	}
}

func readTexts[S ~string](c *codec, name string, p *[]S) {
	value, ok := c.find(name)
	if !ok || !c.is('[', name, value) {
		return
	}
	var items []S
	for r := (walker{data: c.data, at: int(value.from) + 1}); r.more(']'); {
		item := r.value()
		if !c.is('"', name, item) {
			return
		}
		items = append(items, S(c.text(item)))
	}
	*p = items
}

// enums visits a list of words out of a closed set.
func enums[S ~string](c *codec, name string, p *[]S, n need, allowed []S) {
	texts(c, name, p, n)
	for _, w := range *p {
		if c.mode <= reading && !slices.Contains(allowed, w) {
			c.fail(ErrValue, name, "%q is not one of %s", clip(string(w)), words(allowed))
		}
	}
}

// id visits an ID.
func (c *codec) id(name string, p *ID, n need) {
	switch c.mode {
	case measuring, writing:
		if p.IsZero() {
			if n == required {
				c.missing(name)
			}
			return
		}
		if c.mode == measuring {
			c.count(name, len(zeroID)+2)
			return
		}
		c.key(name)
		c.out = append(p.append(append(c.out, '"')), '"')
	case reading:
		s, ok := c.readText(name, n)
		if !ok || s == "" {
			return
		}
		if *p, ok = parseID(s); !ok {
			c.fail(ErrInvalidID, name, "%q", clip(s))
		} else if p.IsZero() && n == required {
			c.missing(name)
		}
	}
}
