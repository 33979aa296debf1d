package access_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/omninode-ai/onex/access"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/node"
)

var (
	pay  = node.Tool{Name: "pay", Effects: []node.Effect{node.Network}}
	look = node.Tool{Name: "look"}

	me       = access.Caller{Name: "cli", Local: true}
	agent    = access.Caller{Name: "mcp", Local: true}
	robot    = agent.For("mcp:robot")
	forger   = stranger.For("mcp:robot") // speaks for a client that is not its own
	stranger = access.Caller{Name: "cli"}
	partner  = access.Caller{Name: "partner"}
	liar     = access.Caller{Name: "local"}
)

func TestDecide(t *testing.T) {
	rules := func(r ...access.Rule) access.Policy { return access.Policy{Rules: r} }
	for name, tt := range map[string]struct {
		policy  access.Policy
		caller  access.Caller
		tool    node.Tool
		allowed bool
	}{
		"by default a local caller may do everything":  {rules(), me, pay, true},
		"by default a remote one what has no effects":  {rules(), stranger, look, true},
		"by default a remote one nothing with effects": {rules(), stranger, pay, false},
		"a name is no proof":                           {rules(access.Rule{Allow: []string{"*"}, Callers: []string{access.Local}}), liar, pay, false},
		"a remote caller by name":                      {rules(access.Rule{Allow: []string{"p*"}, Callers: []string{"part*"}}), partner, pay, true},
		"another is not meant":                         {rules(access.Rule{Allow: []string{"p*"}, Callers: []string{"part*"}}), stranger, pay, false},
		"all remote ones":                              {rules(access.Rule{Allow: []string{"pay"}, Callers: []string{access.Remote}}), stranger, pay, true},
		"everybody":                                    {rules(access.Rule{Deny: []string{"look"}}), me, look, false},
		"an agent":                                     {rules(access.Rule{Deny: []string{"pay"}, Callers: []string{"mcp"}}), agent, pay, false},
		"any client of an agent":                       {rules(access.Rule{Deny: []string{"pay"}, Callers: []string{"mcp"}}), robot, pay, false},
		"one client of an agent":                       {rules(access.Rule{Deny: []string{"pay"}, Callers: []string{"mcp:robot"}}), robot, pay, false},
		"another client":                               {rules(access.Rule{Deny: []string{"pay"}, Callers: []string{"mcp:robot"}}), agent.For("mcp:ada"), pay, true},
		"all clients that are named":                   {rules(access.Rule{Deny: []string{"pay"}, Callers: []string{"mcp:*"}}), robot, pay, false},
		"who is no client":                             {rules(access.Rule{Deny: []string{"pay"}, Callers: []string{"mcp:*"}}), agent, pay, true},
		"the client of another":                        {rules(access.Rule{Allow: []string{"pay"}, Callers: []string{"mcp:robot"}}), forger, pay, false},
		"the first rule decides":                       {rules(access.Rule{Allow: []string{"pay"}, Callers: []string{"mcp"}}, access.Rule{Deny: []string{"*"}}), agent, pay, true},
		"the second, where the first does not fit":     {rules(access.Rule{Allow: []string{"pay"}, Callers: []string{"mcp"}}, access.Rule{Deny: []string{"*"}}), me, pay, false},
	} {
		t.Run(name, func(t *testing.T) {
			err := tt.policy.Allowed(tt.caller, tt.tool)
			if tt.allowed != (err == nil) || err != nil && !errors.Is(err, access.ErrDenied) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestRulesThatMakeNoSense(t *testing.T) {
	for name, r := range map[string]access.Rule{
		"neither":           {Callers: []string{"x"}},
		"both":              {Allow: []string{"a"}, Deny: []string{"b"}},
		"a bad pattern":     {Allow: []string{"a["}},
		"an empty pattern":  {Deny: []string{""}},
		"a negative limit":  {Allow: []string{"a"}, AtOnce: -1},
		"a limit on denial": {Deny: []string{"a"}, MaxBytes: 1},
	} {
		if err := (access.Policy{Rules: []access.Rule{{Allow: []string{"*"}}, r}}).Check(); !errors.Is(err, access.ErrRule) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A clock is set by the test.
type clock struct{ now time.Time }

func (c *clock) time() time.Time { return c.now }

func TestLimits(t *testing.T) {
	c := &clock{time.Now()}
	g := access.NewGuard(access.Policy{Rules: []access.Rule{{Allow: []string{"*"}, PerMinute: 3, AtOnce: 2, MaxBytes: 10}}}, &access.Options{Now: c.time})
	enter := func(who access.Caller, size int) (func(), error) { return g.Enter(who, look, size) }
	if _, err := enter(me, 11); !errors.Is(err, access.ErrSize) {
		t.Errorf("too large: %v", err)
	}
	leave, err := enter(me, 10)
	_, err2 := enter(me, 1)
	if err != nil || err2 != nil {
		t.Fatal(err, err2)
	}
	if _, err := enter(me, 1); !errors.Is(err, access.ErrRate) {
		t.Errorf("the third at once: %v", err)
	}
	if _, err := enter(partner, 1); err != nil {
		t.Errorf("another caller: %v", err)
	}
	leave()
	leave() // counts once
	if _, err := enter(me, 1); err != nil {
		t.Errorf("when one has ended: %v", err)
	}
	c.now = c.now.Add(59 * time.Second)
	if _, err := enter(me, 1); !errors.Is(err, access.ErrRate) {
		t.Errorf("the fourth in a minute: %v", err)
	}
}

// TestClientsShareTheLimitOfWhoCallsForThem, else another name would be another limit;
// a rule for clients counts each.
func TestClientsShareTheLimitOfWhoCallsForThem(t *testing.T) {
	for callers, second := range map[string]error{"mcp": access.ErrRate, "mcp:*": nil} {
		g := access.NewGuard(access.Policy{Rules: []access.Rule{{Allow: []string{"*"}, Callers: []string{callers}, PerMinute: 1}}}, nil)
		if _, err := g.Enter(robot, look, 0); err != nil {
			t.Fatal(err)
		}
		if _, err := g.Enter(agent.For("mcp:ada"), look, 0); !errors.Is(err, second) {
			t.Errorf("callers: %s: another client: %v, want %v", callers, err, second)
		}
		if _, err := g.Enter(robot, look, 0); !errors.Is(err, access.ErrRate) {
			t.Errorf("callers: %s: the same client: %v", callers, err)
		}
	}
}

func TestProofs(t *testing.T) {
	key := access.Key(bytes.Repeat([]byte{7}, access.KeySize))
	c := &clock{time.Now()}
	private := false
	g := access.NewGuard(access.Policy{}, &access.Options{
		Key: func() access.Key { return key }, Now: c.time, Private: func() bool { return private },
	})
	s := event.Subject("tool_proxy_invoke.cli.5a0f2e7c-9d1b-4c3e-8f60-112233445566")
	call := func(change func(*event.Event, *event.ToolProxyInvoke)) event.Event {
		p := event.ToolProxyInvoke{ToolName: "pay", Arguments: json.RawMessage(` {"amount": 1.0} `), Caller: "ada@home"}
		e := event.New("caller", p, event.ID{})
		var err error
		if p.Proof, err = key.Prove(s, e); err != nil {
			t.Fatal(err)
		}
		change(&e, &p)
		e.Payload = p
		return overTheWire(t, e)
	}
	same := func(*event.Event, *event.ToolProxyInvoke) {}
	good := call(same)
	if who, err := g.Caller(s, good); err != nil || !who.Local || who.User != "ada@home" || who.Name != "cli" {
		t.Errorf("a good proof: %+v, %v", who, err)
	}
	if _, err := g.Caller(s, good); !errors.Is(err, access.ErrRepeated) {
		t.Errorf("the same again: %v", err)
	}
	for name, change := range map[string]func(*event.Event, *event.ToolProxyInvoke){
		"no proof":        func(_ *event.Event, p *event.ToolProxyInvoke) { p.Proof = "" },
		"no hex":          func(_ *event.Event, p *event.ToolProxyInvoke) { p.Proof = "xyz" },
		"other arguments": func(_ *event.Event, p *event.ToolProxyInvoke) { p.Arguments = json.RawMessage(`{"amount":2}`) },
		"another key":     func(_ *event.Event, p *event.ToolProxyInvoke) { p.IdempotencyKey = "k" },
		"another event":   func(e *event.Event, _ *event.ToolProxyInvoke) { e.ID = event.NewID() },
		"another time":    func(e *event.Event, _ *event.ToolProxyInvoke) { e.Time = e.Time.Add(time.Second) },
		"another tool":    func(_ *event.Event, p *event.ToolProxyInvoke) { p.ToolName = "steal" },
		"another caller":  func(_ *event.Event, p *event.ToolProxyInvoke) { p.Caller = "eve@home" },
	} {
		if who, err := g.Caller(s, call(change)); err != nil || who.Local {
			t.Errorf("%s: %+v, %v", name, who, err)
		}
	}
	other := call(same)
	if who, _ := g.Caller("tool_proxy_invoke.mcp.5a0f2e7c-9d1b-4c3e-8f60-112233445566", other); who.Local {
		t.Error("under another name it counts, too")
	}
	old := call(same)
	c.now = c.now.Add(2 * access.ProofFor)
	if who, _ := g.Caller(s, old); who.Local {
		t.Error("an old proof counts")
	}
	c.now = time.Now()
	key = bytes.Repeat([]byte{8}, access.KeySize)
	if who, _ := g.Caller(s, call(same)); who.Local {
		t.Error("a new key is read at once, for every wrong proof")
	}
	c.now = c.now.Add(2 * time.Second)
	if who, _ := g.Caller(s, call(same)); !who.Local {
		t.Error("a new key is not read")
	}
	private = true
	if who, _ := g.Caller(s, call(func(_ *event.Event, p *event.ToolProxyInvoke) { p.Proof = "" })); !who.Local {
		t.Error("on a private bus everybody is local")
	}
	if who := g.Stranger("service"); !who.Local || who.Name != "service" {
		t.Errorf("got %+v", who)
	}
}

func overTheWire(t *testing.T, e event.Event) event.Event {
	t.Helper()
	wire, err := event.Encode(e)
	if err != nil {
		t.Fatal(err)
	}
	got, err := event.Decode(wire)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestCallersAreBounded(t *testing.T) {
	c := &clock{time.Now()}
	g := access.NewGuard(access.Policy{Rules: []access.Rule{{Allow: []string{"*"}, PerMinute: 1}}}, &access.Options{Now: c.time})
	for i := range 10_000 {
		leave, err := g.Enter(access.Caller{Name: fmt.Sprint(i)}, look, 0)
		if err != nil {
			t.Fatal(err)
		}
		leave()
	}
	if _, err := g.Enter(access.Caller{Name: "x"}, look, 0); err != nil {
		t.Errorf("the first of the rest: %v", err)
	}
	if _, err := g.Enter(access.Caller{Name: "y"}, look, 0); !errors.Is(err, access.ErrRate) {
		t.Errorf("the second of the rest: %v", err)
	}
	c.now = c.now.Add(time.Minute)
	for _, name := range []string{"x", "y"} { // there is room again: each is counted for itself
		if _, err := g.Enter(access.Caller{Name: name}, look, 0); err != nil {
			t.Errorf("%s, a minute later: %v", name, err)
		}
	}
}
