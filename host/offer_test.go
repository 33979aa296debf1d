package host_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/node"
)

// market is a bus on which services are offered.
type market struct {
	*bus.Memory
	offered   chan bus.Service
	withdrawn chan string
	refuses   error
}

func (m *market) Offer(_ context.Context, s bus.Service) (func(), error) {
	m.offered <- s
	return func() { m.withdrawn <- s.Name }, m.refuses
}

// TestANodeIsOfferedToStrangers holds what those see who do not speak ONEX, and that
// their calls are calls as any.
func TestANodeIsOfferedToStrangers(t *testing.T) {
	for name, refuses := range map[string]error{"offered": nil, "refused": errors.New("no room")} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, accept)
			m := &market{w.bus, make(chan bus.Service, 1), make(chan string, 1), refuses}
			o := &host.Options{}
			ready := readiness(o)
			h, g := gated(o, node.Pure)
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			go func() { ended <- h.Run(ctx, m) }()
			t.Cleanup(func() { cancel(); h.Close() })
			<-ready
			s := <-m.offered
			want := bus.Service{
				Name: "gate", ID: string(h.ID()), Version: h.Manifest().Version, Description: h.Manifest().Description,
				Metadata:  map[string]string{"onex_node_id": string(h.ID())},
				Endpoints: []bus.Endpoint{{Name: "pass", Metadata: s.Endpoints[0].Metadata}},
			}
			if diff := cmp.Diff(want, s, cmpopts.IgnoreFields(bus.Endpoint{}, "Call")); diff != "" {
				t.Errorf("offered (-want +got):\n%s", diff)
			}
			if m := s.Endpoints[0].Metadata; m["description"] != "waits" || m["idempotency"] != "pure" || m["input_schema"] == "" || m["output_schema"] == "" {
				t.Errorf("of the tool is said %v", m)
			}
			strangers(t, w, s.Endpoints[0], g)
			cancel()
			if err := <-ended; err != nil {
				t.Error(err)
			}
			if refuses == nil && <-m.withdrawn != "gate" {
				t.Error("another service is withdrawn")
			}
			if _, err := s.Endpoints[0].Call(context.Background(), []byte(`{}`)); !errors.Is(err, host.ErrStopping) {
				t.Errorf("a call after the end: %v", err)
			}
		})
	}
}

// strangers calls a gate, and gives up once.
func strangers(t *testing.T, w *world, e bus.Endpoint, g *gate) {
	t.Helper()
	if _, err := e.Call(t.Context(), []byte(`{"n":"x"}`)); fault.ClassOf(err) != fault.Invalid {
		t.Errorf("bad arguments: %v", err)
	}
	ctx, giveUp := context.WithCancel(t.Context())
	gone := make(chan error, 1)
	go func() {
		_, err := e.Call(ctx, []byte(`{}`))
		gone <- err
	}()
	<-g.entered
	giveUp()
	if err := <-gone; !errors.Is(err, context.Canceled) {
		t.Errorf("a caller that gave up: %v", err)
	}
	close(g.leave)
	if result, err := e.Call(t.Context(), []byte(`{}`)); err != nil || string(result) != `"through"` {
		t.Errorf("a call: %s, %v", result, err)
	}
	for { // each is told of, as every call
		if r := w.await(event.KindToolProxyResult).Payload.(event.ToolProxyResult); string(r.Result) == `"through"` {
			return
		}
	}
}

func TestANodeIsVouchedFor(t *testing.T) {
	refuses := errors.New("no key")
	for name, err := range map[string]error{"signed": nil, "refused": refuses} {
		w := newWorld(t, accept)
		o := &host.Options{}
		ready := readiness(o)
		h, _ := gated(o, node.Pure)
		var signed []byte
		if got := h.Vouch(func(statement []byte) ([]byte, error) { signed = statement; return []byte("sig"), err }); !errors.Is(got, err) {
			t.Errorf("%s: %v", name, got)
		}
		statement, failed := node.Statement(h.Manifest(), h.Contract())
		if failed != nil || string(signed) != string(statement) {
			t.Errorf("%s: signed is %s, %v", name, signed, failed)
		}
		w.run(h, ready)
		a := w.await(event.KindNodeAnnounce).Payload.(event.NodeAnnounce)
		if vouched := a.Signature == "sig" && a.Trust == node.Trusted; vouched != (err == nil) {
			t.Errorf("%s: announced with %q, %s", name, a.Signature, a.Trust)
		}
	}
}
