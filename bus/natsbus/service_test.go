package natsbus_test

import (
	"context"
	"encoding/json"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/micro"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/bus/natsbus"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/internal/natsd"
	"github.com/omninode-ai/onex/internal/peer"
)

// greeter is a service that echoes, fails when asked to, and waits for gate.
func greeter(id string, gate <-chan struct{}) bus.Service {
	return bus.Service{
		Name: "greeter", ID: id, Version: "1.2.3", Description: "greets",
		Endpoints: []bus.Endpoint{{Name: "greet", Metadata: map[string]string{"idempotency": "pure"},
			Call: func(ctx context.Context, data []byte) ([]byte, error) {
				if string(data) == "fail" {
					return nil, bus.ErrOptions.With("no such\ngreeting")
				}
				if gate != nil {
					select {
					case <-gate:
					case <-ctx.Done():
						return nil, ctx.Err()
					}
				}
				return data, nil
			}}},
	}
}

func ask[T any](t *testing.T, nc *nats.Conn, subject string) T {
	t.Helper()
	var v T
	m, err := nc.Request(subject, nil, 10*time.Second)
	if err != nil {
		t.Fatalf("%s: %v", subject, err)
	}
	if err := json.Unmarshal(m.Data, &v); err != nil {
		t.Fatalf("%s: %v", subject, err)
	}
	return v
}

// A client of NATS that knows nothing of us finds a service, calls it, and reads
// what it did.
func TestServicesProtocol(t *testing.T) {
	back := newBackend(t)
	b := back.connect().(*natsbus.Bus)
	defer b.Close(context.Background())
	withdraw, err := b.Offer(t.Context(), greeter("id-1", nil))
	if err != nil {
		t.Fatal(err)
	}
	nc := back.stranger()
	defer nc.Close()

	who := micro.ServiceIdentity{Name: "greeter", ID: "id-1", Version: "1.2.3", Metadata: map[string]string{}}
	for _, subject := range []string{"$SRV.PING", "$SRV.PING.greeter", "$SRV.PING.greeter.id-1"} {
		got := ask[micro.Ping](t, nc, subject)
		if diff := cmp.Diff(micro.Ping{ServiceIdentity: who, Type: micro.PingResponseType}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", subject, diff)
		}
	}
	info := ask[micro.Info](t, nc, "$SRV.INFO.greeter")
	want := micro.Info{ServiceIdentity: who, Type: micro.InfoResponseType, Description: "greets", Endpoints: []micro.EndpointInfo{{
		Name: "greet", Subject: "onex.events_call.greeter.greet", QueueGroup: "q", Metadata: map[string]string{"idempotency": "pure"},
	}}}
	if diff := cmp.Diff(want, info); diff != "" {
		t.Fatalf("info (-want +got):\n%s", diff)
	}
	subject := info.Endpoints[0].Subject
	if m, err := nc.Request(subject, []byte(`{"name":"Ada"}`), 10*time.Second); err != nil || string(m.Data) != `{"name":"Ada"}` {
		t.Errorf("called: %v, %v", m, err)
	}
	m, err := nc.Request(subject, []byte("fail"), 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	var report fault.Report
	if err := json.Unmarshal(m.Data, &report); err != nil || report.Code != bus.ErrOptions.Code {
		t.Errorf("failed with %s, %v", m.Data, err)
	}
	if code, text := m.Header.Get(micro.ErrorCodeHeader), m.Header.Get(micro.ErrorHeader); code != string(bus.ErrOptions.Code) || !strings.HasSuffix(text, "no such greeting") {
		t.Errorf("header says %q, %q", code, text)
	}
	stats := ask[micro.Stats](t, nc, "$SRV.STATS.greeter.id-1")
	if s := stats.Endpoints[0]; s.NumRequests != 2 || s.NumErrors != 1 || s.LastError == "" || s.ProcessingTime == 0 || stats.Started.IsZero() {
		t.Errorf("stats %+v", s)
	}
	withdraw()
	withdraw()
	if _, err := nc.Request("$SRV.PING.greeter", nil, 10*time.Second); err != nats.ErrNoResponders {
		t.Errorf("after withdrawing: %v", err)
	}
}

// A service that is taken back answers what it had been asked; one whose bus
// closes tells its calls to end.
func TestServicesEndInOrder(t *testing.T) {
	back := newBackend(t)
	nc := back.stranger()
	defer nc.Close()
	for _, how := range []string{"withdraw", "close"} {
		t.Run(how, func(t *testing.T) {
			b := back.connect().(*natsbus.Bus)
			defer b.Close(context.Background())
			gate := make(chan struct{})
			const n = 20
			service, began := greeter("id-1", gate), make(chan struct{}, n)
			greet := service.Endpoints[0].Call
			service.Endpoints[0].Call = func(ctx context.Context, data []byte) ([]byte, error) {
				began <- struct{}{}
				return greet(ctx, data)
			}
			withdraw, err := b.Offer(t.Context(), service)
			if err != nil {
				t.Fatal(err)
			}
			inbox := nc.NewRespInbox()
			answers, err := nc.SubscribeSync(inbox)
			if err != nil {
				t.Fatal(err)
			}
			for range n {
				if err := nc.PublishRequest("onex.events_call.greeter.greet", inbox, []byte("{}")); err != nil {
					t.Fatal(err)
				}
			}
			if err := nc.Flush(); err != nil {
				t.Fatal(err)
			}
			<-began // what has not reached the service can get no answer from it
			var ends sync.WaitGroup
			if how == "withdraw" {
				ends.Go(withdraw)
				close(gate)
			} else {
				ends.Go(func() { b.Close(context.Background()) })
			}
			for i := range n {
				m, err := answers.NextMsg(10 * time.Second)
				if how == "close" && err == nil { // those that had arrived
					break
				}
				if err != nil || m.Header.Get(micro.ErrorHeader) != "" {
					t.Fatalf("answer %d: %v, %v", i, m, err)
				}
			}
			ends.Wait()
		})
	}
}

// What people of NATS use lists the service, and calls it.
func TestTheNATSToolSeesOurServices(t *testing.T) {
	tool := peer.Find(t, "nats")
	s, err := natsd.Start(t.Context(), natsd.Options{Dir: t.TempDir(), Listen: "127.0.0.1:0", Token: "open", Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close(context.Background())
	url := "nats://open@" + s.Address()
	b := dial(t, natsbus.Options{URL: url})
	if _, err := b.Offer(t.Context(), greeter("id-1", nil)); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		args string
		want []string
	}{
		{"micro ls", []string{"greeter", "1.2.3", "id-1", "greets"}},
		{"micro info greeter", []string{"greet", "onex.events_call.greeter.greet"}},
		{"req onex.events_call.greeter.greet {} --raw", []string{"{}"}},
		{"micro stats greeter", []string{"id-1", "1"}},
		{"micro ping", []string{"greeter"}},
	} {
		args := append([]string{"--server", url, "--no-context"}, strings.Fields(tt.args)...)
		out, err := exec.CommandContext(t.Context(), tool, args...).CombinedOutput()
		for _, want := range tt.want {
			if err != nil || !strings.Contains(string(out), want) {
				t.Errorf("nats %s: %v, without %q:\n%s", tt.args, err, want, out)
			}
		}
	}
	b.Close(t.Context())
}
