package invoke

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/Masterminds/semver/v3"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/internal/near"
	"github.com/omninode-ai/onex/node"
)

// A choice is a node to call, and the promise it made.
type choice struct {
	*offer
	event.Provider
}

// choose picks a node for a call among those that r knows, except those in not.
// Its warnings say what was ambiguous.
func (c *Client) choose(ctx context.Context, call Call, r *route, not []node.ID) (choice, []string, error) {
	if len(r.offers) == 0 {
		return choice{}, nil, ErrNoTool.With("%q", call.Tool).Hinted("%s", c.suggest(ctx, call.Tool))
	}
	all := r.choices()
	if len(all) == 0 {
		return choice{}, nil, ErrNoProvider.With("tool %q", call.Tool)
	}
	fits, err := call.fits()
	if err != nil {
		return choice{}, nil, err
	}
	some := slices.DeleteFunc(slices.Clone(all), func(x choice) bool { return !fits(x.Provider) })
	if len(some) == 0 {
		return choice{}, nil, ErrNoMatch.With("tool %q, %s; there are %s", call.Tool, call.wishes(), names(all))
	}
	some = slices.DeleteFunc(some, func(x choice) bool { return slices.Contains(not, x.NodeID) || c.isGone(x.Provider) })
	if len(some) == 0 {
		return choice{}, nil, ErrNoProvider.With("tool %q", call.Tool)
	}
	picked := c.pick(call, some)
	if call.Chosen != nil {
		call.Chosen(picked.Provider, call.reason(len(some), len(all)))
	}
	return picked, ambiguities(call, r, some, picked), nil
}

// reason says why one of some nodes was chosen, of all that offer the tool.
func (c *Call) reason(some, all int) string {
	why := fmt.Sprintf("policy %s among %d of %d that offer the tool", cmp.Or(c.Policy, First), some, all)
	if w := c.wishes(); w != "" {
		why += ", " + w
	}
	return why
}

// choices lists the nodes that may be called, the one accepted first first.
func (r *route) choices() []choice {
	var all []choice
	for i := range r.offers {
		for _, p := range r.offers[i].providers {
			if p.Status.Routable() {
				all = append(all, choice{&r.offers[i], p})
			}
		}
	}
	return all
}

// fits returns what tells whether a node is as the call asks for.
func (c *Call) fits() (func(event.Provider) bool, error) {
	versions, err := c.versions()
	if err != nil {
		return nil, err
	}
	return func(p event.Provider) bool {
		if c.Node != "" && c.Node != string(p.NodeID) && c.Node != string(p.Name) {
			return false
		}
		if c.TrustedOnly && p.Trust != node.Trusted && p.Trust != node.Verified {
			return false
		}
		if versions == nil {
			return true
		}
		v, err := semver.NewVersion(p.Version)
		return err == nil && versions.Check(v)
	}, nil
}

// wishes describes what a call asks for.
func (c *Call) wishes() string {
	var w []string
	if c.Node != "" {
		w = append(w, fmt.Sprintf("node %q", c.Node))
	}
	if c.Version != "" {
		w = append(w, fmt.Sprintf("version %q", c.Version))
	}
	if c.TrustedOnly {
		w = append(w, "trusted only")
	}
	return strings.Join(w, ", ")
}

// names lists nodes for a message, the first few of them.
func names(all []choice) string {
	const most = 5
	var list []string
	for i, x := range all {
		if i == most {
			list = append(list, fmt.Sprintf("%d more", len(all)-most))
			break
		}
		list = append(list, fmt.Sprintf("%s@%s (%s)", x.Name, x.Version, cmp.Or(x.Trust, node.Untrusted)))
	}
	return strings.Join(list, ", ")
}

// pick applies the call's policy, and counts the call as one of the node that it
// returns, until leave. There is at least one choice.
func (c *Client) pick(call Call, some []choice) choice {
	c.mu.Lock()
	defer c.mu.Unlock()
	x := c.best(call, some)
	c.busy[x.NodeID]++
	return x
}

// leave says that a call which was picked for a node has ended.
func (c *Client) leave(id node.ID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.busy[id]--; c.busy[id] == 0 {
		delete(c.busy, id)
	}
}

// best is what a policy prefers. c.mu is held.
func (c *Client) best(call Call, some []choice) choice {
	switch call.Policy {
	case RoundRobin:
		turn := c.turns[call.Tool]
		if len(c.turns) >= maxRoutes {
			clear(c.turns)
		}
		c.turns[call.Tool] = turn + 1
		return some[turn%uint64(len(some))]
	case Random:
		return some[rand.N(len(some))]
	case LeastLoaded:
		return slices.MinFunc(some, func(a, b choice) int { return cmp.Compare(c.load(a.Provider), c.load(b.Provider)) })
	case LocalFirst:
		if i := slices.IndexFunc(some, c.local); i >= 0 {
			return some[i]
		}
	}
	return some[0]
}

// load is how busy a node is: what it said last, or what this client alone gave
// it, whichever is more. c.mu is held.
func (c *Client) load(p event.Provider) int { return max(p.InFlight, c.busy[p.NodeID]) }

func (c *Client) local(x choice) bool { return c.o.Host != "" && x.Host == c.o.Host }

func (c *Client) isGone(p event.Provider) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.gone[p.NodeID]
	return ok && p.Incarnation <= e.life && time.Since(e.at) < goneFor
}

// ambiguities says what a person might want to know about a choice.
func ambiguities(call Call, r *route, some []choice, picked choice) []string {
	var w []string
	if call.Policy == First && len(some) > 1 {
		w = append(w, fmt.Sprintf("%d nodes offer %s; the first, %s@%s, is called (choose with --policy, --version or a node)",
			len(some), call.Tool, picked.Name, picked.Version))
	}
	if len(r.offers) > 1 {
		w = append(w, fmt.Sprintf("nodes promise %d different things under the name %s; %s@%s's is taken",
			len(r.offers), call.Tool, picked.Name, picked.Version))
	}
	return w
}

// suggest names tools whose names are near to one that does not exist.
func (c *Client) suggest(ctx context.Context, name node.ToolName) string {
	entries, err := c.askOnce(ctx, "")
	if err != nil {
		return ErrNoTool.Hint
	}
	tools := make([]string, 0, len(entries))
	for _, e := range entries {
		tools = append(tools, string(e.Tool.Name))
	}
	meant := near.Words(string(name), tools)
	if len(meant) == 0 {
		return ErrNoTool.Hint
	}
	return "did you mean " + strings.Join(meant, ", ") + "?"
}
