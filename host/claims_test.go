package host_test

import (
	"encoding/json"
	"sync/atomic"
	"testing"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/node"
)

// TestTheRegistryDecidesOnKeys holds what a node makes of each answer of the registry
// to the question whether it may run a keyed call.
func TestTheRegistryDecidesOnKeys(t *testing.T) {
	failed := fault.ReportOf(host.ErrProgram.With("then"))
	refused := func(k *fault.Kind) event.CallClaimResponse {
		r := fault.ReportOf(k.With("no"))
		return event.CallClaimResponse{State: event.ClaimRefused, Error: &r}
	}
	for name, c := range map[string]struct {
		first, then event.CallClaimResponse // then: to all questions after the first
		kind        event.Kind              // of the answer
		says        string                  // result or code
		runs        int64
	}{
		"granted":             {event.CallClaimResponse{State: event.ClaimGranted}, event.CallClaimResponse{State: event.ClaimCompleted}, event.KindToolProxyResult, `"through"`, 1},
		"granted later":       {event.CallClaimResponse{State: event.ClaimRunning}, event.CallClaimResponse{State: event.ClaimGranted}, event.KindToolProxyResult, `"through"`, 1},
		"run before":          {event.CallClaimResponse{State: event.ClaimCompleted, Status: node.Success, Result: json.RawMessage(`"then"`)}, event.CallClaimResponse{}, event.KindToolProxyResult, `"then"`, 0},
		"failed before":       {event.CallClaimResponse{State: event.ClaimCompleted, Status: node.Failed, Error: &failed}, event.CallClaimResponse{}, event.KindToolProxyError, string(host.ErrProgram.Code), 0},
		"run while it waits":  {event.CallClaimResponse{State: event.ClaimRunning}, event.CallClaimResponse{State: event.ClaimCompleted, Status: node.Success, Result: json.RawMessage(`"then"`)}, event.KindToolProxyResult, `"then"`, 0},
		"other arguments":     {event.CallClaimResponse{State: event.ClaimConflict}, event.CallClaimResponse{}, event.KindToolProxyRejected, string(host.ErrKey.Code), 0},
		"nobody knows":        {event.CallClaimResponse{State: event.ClaimUnknown, NodeID: "gone"}, event.CallClaimResponse{}, event.KindToolProxyError, string(host.ErrKeyUnknown.Code), 0},
		"refused":             {refused(host.ErrArguments), event.CallClaimResponse{}, event.KindToolProxyRejected, string(host.ErrArguments.Code), 0},
		"refused for now":     {refused(host.ErrDown), event.CallClaimResponse{State: event.ClaimGranted}, event.KindToolProxyResult, `"through"`, 1},
		"refused for no room": {refused(host.ErrBusy), event.CallClaimResponse{}, event.KindToolProxyRejected, string(host.ErrBusy.Code), 0},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, accept)
			var asked atomic.Int64
			w.claims = func(q event.CallClaimRequest) event.CallClaimResponse {
				if q.ToolName != "pass" || q.IdempotencyKey != "k1" || len(q.ArgumentsHash) != 64 {
					t.Errorf("the registry is asked %+v", q)
				}
				if asked.Add(1) == 1 {
					return c.first
				}
				return c.then
			}
			o := &host.Options{}
			ready := readiness(o)
			h, g := gated(o, node.Keyed)
			close(g.leave)
			w.run(h, ready)
			p := invoke("pass", `{}`)
			p.IdempotencyKey = "k1"
			answer := w.call(h, p).Payload
			says := ""
			switch a := answer.(type) {
			case event.ToolProxyResult:
				says = string(a.Result)
			case event.ToolProxyError:
				says = string(a.Error.Code)
			case event.ToolProxyRejected:
				says = string(a.Error.Code)
			}
			if answer.Kind() != c.kind || says != c.says || g.runs.Load() != c.runs {
				t.Errorf("%s %s after %d runs, want %s %s after %d", answer.Kind(), says, g.runs.Load(), c.kind, c.says, c.runs)
			}
		})
	}
}

// TestAnotherNodeRunsTheCall holds that a caller whose time is over learns that the call
// may have been run, and that its claim is given back.
func TestAnotherNodeRunsTheCall(t *testing.T) {
	w := newWorld(t, accept)
	released := make(chan event.ID, 100)
	var claimed atomic.Value
	w.claims = func(q event.CallClaimRequest) event.CallClaimResponse {
		if q.Action == event.ClaimRelease {
			released <- q.ClaimID
		} else {
			claimed.Store(q.ClaimID)
		}
		return event.CallClaimResponse{State: event.ClaimRunning}
	}
	o := &host.Options{}
	ready := readiness(o)
	h, g := gated(o, node.Keyed)
	stop := w.run(h, ready)
	p := invoke("pass", `{}`)
	p.IdempotencyKey, p.TimeoutMS = "k1", 20
	if e, ok := w.call(h, p).Payload.(event.ToolProxyError); !ok || e.Error.Code != host.ErrTimeout.Code {
		t.Errorf("the answer is %+v", e)
	}
	if id := <-released; id != claimed.Load() {
		t.Errorf("claim %s is released, claimed was %s", id, claimed.Load())
	}
	if err := stop(); err != nil || g.runs.Load() != 0 {
		t.Errorf("%d runs, %v", g.runs.Load(), err)
	}
}
