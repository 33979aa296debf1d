package access

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/omninode-ai/onex/node"
)

// Words that stand for callers in a rule. No name of a node can be mistaken for
// them, because both are refused as names of callers.
const (
	Local  = "local"  // this user on this machine
	Remote = "remote" // everybody else
)

// A Caller is who calls a tool.
type Caller struct {
	Name   string // under which it publishes
	Client string // for which of its clients it calls, as it says itself; may be empty
	User   string // user@host, as it says itself; may be empty
	Local  bool   // it has shown that it is this user on this machine
}

// For returns c as it calls for the client that origin names, NAME:CLIENT with its
// own name: nobody speaks for the clients of another.
func (c Caller) For(origin node.ID) Caller {
	if client, ok := strings.CutPrefix(string(origin), c.Name+":"); ok {
		c.Client = client
	}
	return c
}

// who is c as rules name it: NAME, or NAME:CLIENT.
func (c Caller) who() string {
	if c.Client == "" {
		return c.Name
	}
	return c.Name + ":" + c.Client
}

func (c Caller) String() string {
	where := Remote
	if c.Local {
		where = Local
	}
	if c.User == "" {
		return fmt.Sprintf("%s caller %q", where, c.who())
	}
	return fmt.Sprintf("%s caller %q (%s)", where, c.who(), c.User)
}

// A Rule allows or denies tools to callers. Patterns are names in which * stands for
// any characters, ? for one, and [ab] for one of these.
type Rule struct {
	Allow   []string // tools; a rule has either these …
	Deny    []string // … or these
	Callers []string // names, NAME:CLIENT, Local or Remote; default everybody

	PerMinute int // calls of one caller; 0 means any number
	AtOnce    int // calls of one caller that run; 0 means any number
	MaxBytes  int // of arguments; 0 means what fits into an event
}

// A Policy is rules, of which the first that fits decides.
type Policy struct{ Rules []Rule }

// Check reports the first rule that makes no sense.
func (p Policy) Check() error {
	for i, r := range p.Rules {
		if err := r.check(); err != nil {
			return ErrRule.Wrap(err, "rule %d", i+1)
		}
	}
	return nil
}

func (r Rule) check() error {
	if (len(r.Allow) == 0) == (len(r.Deny) == 0) {
		return fmt.Errorf("want one of allow and deny")
	}
	if r.PerMinute < 0 || r.AtOnce < 0 || r.MaxBytes < 0 {
		return fmt.Errorf("a limit is below zero")
	}
	if len(r.Deny) > 0 && r.PerMinute+r.AtOnce+r.MaxBytes > 0 {
		return fmt.Errorf("a limit on what is denied")
	}
	for _, pattern := range slices.Concat(r.Allow, r.Deny, r.Callers) {
		if _, err := path.Match(pattern, "x"); err != nil || pattern == "" {
			return fmt.Errorf("malformed pattern %q", pattern)
		}
	}
	return nil
}

// Decide returns the rule that decides whether c may call t, nil for the default, and
// whether it may.
func (p Policy) Decide(c Caller, t node.Tool) (*Rule, bool) {
	for i, r := range p.Rules {
		if r.concerns(c) && matches(slices.Concat(r.Allow, r.Deny), string(t.Name)) {
			return &p.Rules[i], len(r.Allow) > 0
		}
	}
	return nil, c.Local || len(t.Effects) == 0
}

func (r Rule) concerns(c Caller) bool {
	if len(r.Callers) == 0 {
		return true
	}
	where := Remote
	if c.Local {
		where = Local
	}
	return slices.Contains(r.Callers, where) ||
		c.Name != Local && c.Name != Remote && (matches(r.Callers, c.Name) || matches(r.Callers, c.who()))
}

// counted is as whom a rule counts the calls of c. Clients count for themselves only
// in rules that name them: their names are easily changed.
func (r Rule) counted(c Caller) string {
	if len(r.Callers) > 0 && !matches(r.Callers, c.Name) && matches(r.Callers, c.who()) {
		return c.who()
	}
	return c.Name
}

func matches(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		ok, _ := path.Match(p, name) // checked by Check
		return ok
	})
}

// Allowed returns [ErrDenied] when c may not call t, with the reason and what to do.
func (p Policy) Allowed(c Caller, t node.Tool) error {
	rule, ok := p.Decide(c, t)
	switch {
	case ok:
		return nil
	case rule != nil:
		return ErrDenied.With("tool %q, %s: denied by the rule for %s", t.Name, c, strings.Join(rule.Deny, ", ")).
			Hinted("the rules are under access: in onex.yaml of the node's project")
	}
	return ErrDenied.With("tool %q, %s: it has effects (%s)", t.Name, c, effects(t)).
		Hinted("tools with effects are for local callers; to allow it, say under access: in onex.yaml of the node's project `- {allow: [%s], callers: [%s]}`", t.Name, c.who())
}

func effects(t node.Tool) string {
	var names []string
	for _, e := range t.Effects {
		names = append(names, string(e))
	}
	return strings.Join(names, ", ")
}
