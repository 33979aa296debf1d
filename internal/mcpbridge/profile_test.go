package mcpbridge_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/internal/mcpbridge"
	"github.com/omninode-ai/onex/node"
)

// profiled serves a greeter to the client "test" with a profile.
func profiled(t *testing.T, p mcpbridge.Profile, o mcpbridge.Options) (*world, *mcpbridge.Server, *greeter) {
	t.Helper()
	w, g := newWorld(t), &greeter{}
	w.run(g.host)
	o.Clients = map[string]mcpbridge.Profile{"test": p, mcpbridge.EveryoneElse: {Tools: []string{"nothing"}}}
	return w, w.serve(&o), g
}

func TestProfilesChooseWhatAClientSees(t *testing.T) {
	for name, tt := range map[string]struct {
		profile mcpbridge.Profile
		sees    []string
	}{
		"everything": {mcpbridge.Profile{}, []string{"count", "greet", "rest"}},
		"some":       {mcpbridge.Profile{Tools: []string{"gr*", "rest"}}, []string{"greet", "rest"}},
		"not all":    {mcpbridge.Profile{Deny: []string{"r?st"}}, []string{"count", "greet"}},
		"deny wins":  {mcpbridge.Profile{Tools: []string{"greet"}, Deny: []string{"*"}}, nil},
		"reading":    {mcpbridge.Profile{ReadOnly: true}, []string{"greet"}},
	} {
		for _, version := range []string{modern, legacy} {
			t.Run(name+" "+version, func(t *testing.T) {
				_, s, g := profiled(t, tt.profile, mcpbridge.Options{})
				c := connect(t, s, version)
				if diff := cmp.Diff(tt.sees, c.names()); diff != "" {
					t.Errorf("tools (-want +got):\n%s", diff)
				}
				if slices.Contains(tt.sees, "count") {
					return
				}
				if got := report(t, c.call("count", "{}", nil)); got.Code != mcpbridge.ErrHidden.Code || g.runs.Load() != 0 {
					t.Errorf("a hidden tool: %+v, it ran %d times", got, g.runs.Load())
				}
			})
		}
	}
}

func TestProfilesHoldForSearch(t *testing.T) {
	_, s, g := profiled(t, mcpbridge.Profile{Deny: []string{"count"}}, mcpbridge.Options{Search: true})
	c := connect(t, s, modern)
	found, err := json.Marshal(c.call("find_tools", "{}", nil).StructuredContent)
	if err != nil || strings.Contains(string(found), "count") {
		t.Errorf("found %s, %v", found, err)
	}
	if got := report(t, c.call("call_tool", `{"name":"count"}`, nil)); got.Code != mcpbridge.ErrHidden.Code || g.runs.Load() != 0 {
		t.Errorf("a hidden tool by search: %+v", got)
	}
	r, err := c.ReadResource(t.Context(), &mcp.ReadResourceParams{URI: "onex://tools"})
	if err != nil || strings.Contains(r.Contents[0].Text, `"count"`) {
		t.Errorf("the resource shows a hidden tool, or fails: %v", err)
	}
	if _, err := c.ReadResource(t.Context(), &mcp.ReadResourceParams{URI: "onex://events/" + event.NewID().String()}); err == nil {
		t.Error("a client with a profile reads the events of all")
	}
}

// answering is a client whose user answers each question in one way.
func answering(action string, asked *[]string) *mcp.ClientOptions {
	return &mcp.ClientOptions{ElicitationHandler: func(_ context.Context, r *mcp.ElicitRequest) (*mcp.ElicitResult, error) {
		*asked = append(*asked, r.Params.Message)
		return &mcp.ElicitResult{Action: action, Content: map[string]any{}}, nil
	}}
}

func TestTheUserIsAskedBeforeToolsWithEffects(t *testing.T) {
	for _, version := range []string{modern, legacy} {
		t.Run(version, func(t *testing.T) {
			_, s, g := profiled(t, mcpbridge.Profile{Confirm: mcpbridge.ConfirmEffects}, mcpbridge.Options{})
			var asked []string
			yes := connectWith(t, s, version, answering("accept", &asked))
			if r := yes.call("greet", `{"name":"Ada"}`, nil); r.IsError || len(asked) != 0 {
				t.Errorf("a tool without effects: %v, asked %q", r.IsError, asked)
			}
			if r := yes.call("count", "{}", nil); r.IsError || len(asked) != 1 || !strings.Contains(asked[0], "Allow test to call count") {
				t.Errorf("a tool with effects: %+v, asked %q", r, asked)
			}
			ran := g.runs.Load()
			no := connectWith(t, s, version, answering("decline", &asked))
			if got := report(t, no.call("count", "{}", nil)); got.Code != mcpbridge.ErrNotConfirmed.Code {
				t.Errorf("declined: %+v", got)
			}
			mute := connect(t, s, version)
			if got := report(t, mute.call("count", "{}", nil)); got.Code != mcpbridge.ErrNotConfirmed.Code {
				t.Errorf("a client that cannot ask: %+v", got)
			}
			if g.runs.Load() != ran {
				t.Error("a tool ran that nobody allowed")
			}
		})
	}
}

func TestAConfirmationServesOneCallOnly(t *testing.T) {
	_, s, g := profiled(t, mcpbridge.Profile{Confirm: mcpbridge.ConfirmAlways}, mcpbridge.Options{})
	o := answering("accept", new([]string))
	o.MultiRoundTrip = &mcp.MultiRoundTripOptions{Disabled: true}
	c := connectWith(t, s, modern, o)
	first := c.call("greet", `{"name":"Ada"}`, nil)
	if first.RequestState == "" || len(first.InputRequests) != 1 || g.runs.Load() != 0 {
		t.Fatalf("the user is not asked: %+v", first)
	}
	yes := mcp.InputResponseMap{}
	for key := range first.InputRequests {
		yes[key] = &mcp.ElicitResult{Action: "accept", Content: map[string]any{}}
	}
	for name, p := range map[string]*mcp.CallToolParams{
		"other arguments": {Name: "greet", Arguments: json.RawMessage(`{"name":"Eve"}`), RequestState: first.RequestState},
		"another tool":    {Name: "count", RequestState: first.RequestState},
		"altered":         {Name: "greet", Arguments: json.RawMessage(`{"name":"Ada"}`), RequestState: "x" + first.RequestState},
	} {
		p.InputResponses = yes
		if _, err := c.CallTool(t.Context(), p); err == nil || !strings.Contains(err.Error(), mcpbridge.ErrState.Text) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if g.runs.Load() != 0 {
		t.Error("a tool ran with the confirmation of another call")
	}
}

func TestCallsAndResultsAreLimited(t *testing.T) {
	_, s, _ := profiled(t, mcpbridge.Profile{PerMinute: 1, MaxResult: 10}, mcpbridge.Options{})
	c := connect(t, s, modern)
	if got := report(t, c.call("greet", `{"name":"Ada"}`, nil)); got.Code != mcpbridge.ErrTooLarge.Code {
		t.Errorf("a large result: %+v", got)
	}
	if got := report(t, c.call("greet", `{"name":"Ada"}`, nil)); got.Code != mcpbridge.ErrRate.Code {
		t.Errorf("the second call of a minute: %+v", got)
	}
}

func TestEventsNameTheClient(t *testing.T) {
	w, s, _ := profiled(t, mcpbridge.Profile{}, mcpbridge.Options{})
	sub, err := w.bus.Subscribe(t.Context(), event.Filter("tool_proxy_invoke.>"), nil)
	if err != nil {
		t.Fatal(err)
	}
	connect(t, s, modern).call("greet", `{"name":"Ada"}`, nil)
	d, err := sub.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got := d.Event.Payload.(event.ToolProxyInvoke).OriginNodeID; got != "mcp:test" {
		t.Errorf("the call is made for %q", got)
	}
}

// withToken adds a token to requests.
type withToken string

func (w withToken) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+string(w))
	return http.DefaultTransport.RoundTrip(r)
}

func TestATokenProvesWhoAClientIs(t *testing.T) {
	const own = "a-token-of-its-own-0123"
	w := newWorld(t)
	w.run((&greeter{}).host)
	s := w.serve(&mcpbridge.Options{Clients: map[string]mcpbridge.Profile{
		"robot":                {Token: own},
		mcpbridge.EveryoneElse: {Tools: []string{"greet"}},
	}})
	addr := w.listen(s, token)
	for _, tt := range []struct{ claims, token, sees string }{
		{"anybody", own, "[count greet rest]"},
		{"robot", token, "[greet]"}, // it says so, and does not prove it
		{"anybody", token, "[greet]"},
		{"robot", "wrong", ""},
	} {
		m := mcp.NewClient(&mcp.Implementation{Name: tt.claims, Version: "1"}, nil)
		c, err := m.Connect(t.Context(), &mcp.StreamableClientTransport{
			Endpoint: "http://" + addr.String() + "/mcp", HTTPClient: &http.Client{Transport: withToken(tt.token)},
		}, nil)
		if err != nil {
			if tt.sees != "" {
				t.Errorf("%+v: %v", tt, err)
			}
			continue
		}
		got := fmt.Sprint((&client{ClientSession: c, t: t}).names())
		if got != tt.sees {
			t.Errorf("%+v sees %s", tt, got)
		}
		c.Close()
	}
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
}

// An asker is a tool in Go that asks twice and tells how far it is.
func asker(o *host.Options) *host.Host {
	type none struct{}
	h := host.New(node.Manifest{Name: "asker", Version: "1.0.0"}, o)
	host.Handle(h, "ask", "asks twice", func(ctx context.Context, _ none) (string, error) {
		host.Progress(ctx, 1, 2, "half")
		answers, state := host.Answers(ctx)
		if !host.CanAnswer(ctx, "elicitation") {
			return "", errNobody
		}
		if state == "2" {
			return string(answers), nil
		}
		question := json.RawMessage(`{"q":{"method":"elicitation/create","params":{"message":"why?","requestedSchema":{"type":"object","properties":{"why":{"type":"string"}}}}}}`)
		return "", host.Ask(host.Question{Requests: question, State: fmt.Sprint(len(state) + 1)})
	}, nil)
	return h
}

func TestToolsInGoAskAndTellHowFarTheyAre(t *testing.T) {
	for _, version := range []string{modern, legacy} {
		t.Run(version, func(t *testing.T) {
			w := newWorld(t)
			w.run(asker)
			told := make(chan string, 10)
			asked := 0
			c := connectWith(t, w.serve(nil), version, &mcp.ClientOptions{
				ElicitationHandler: func(context.Context, *mcp.ElicitRequest) (*mcp.ElicitResult, error) {
					asked++
					return &mcp.ElicitResult{Action: "accept", Content: map[string]any{"why": "so"}}, nil
				},
				ProgressNotificationHandler: func(_ context.Context, r *mcp.ProgressNotificationClientRequest) { told <- r.Params.Message },
			})
			p := &mcp.CallToolParams{Name: "ask", Meta: mcp.Meta{}}
			p.SetProgressToken("mine")
			r, err := c.CallTool(t.Context(), p)
			if err != nil || r.IsError || asked != 2 {
				t.Fatalf("%+v, %v, asked %d times", r, err, asked)
			}
			if got := r.Content[0].(*mcp.TextContent).Text; !strings.Contains(got, `"so"`) {
				t.Errorf("the tool got %s", got)
			}
			if got := <-told; got != "half" {
				t.Errorf("told %q", got)
			}
			mute := connect(t, w.serve(nil), version)
			if got := report(t, mute.call("ask", "{}", nil)); got.Code != errNobody.Code {
				t.Errorf("a client that cannot answer: %+v", got)
			}
		})
	}
}

func TestAskIsAnErrorForCallersThatCannotAnswer(t *testing.T) {
	q := host.Question{Requests: json.RawMessage(`{"q":{"method":"roots/list"}}`), State: "s"}
	err := fault.ReportOf(host.Ask(q)).Err() // as it comes from the wire
	got, ok := host.Asked(err)
	if !ok || string(got.Requests) != string(q.Requests) || got.State != q.State || !errors.Is(err, host.ErrInput) {
		t.Errorf("%+v, %t, %v", got, ok, err)
	}
	if !strings.Contains(err.Error(), "q (roots/list)") {
		t.Errorf("it does not say what is asked: %v", err)
	}
}
