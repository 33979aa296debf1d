package registry_test

import (
	"cmp"
	"context"
	"os"
	"testing"
	"testing/synctest"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.yaml.in/yaml/v3"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/registry"
)

// An announcementCase is one rule of docs/registry.md.
type announcementCase struct {
	Name        string
	First, Then *said
	After       string
	Code        fault.Code
	Incarnation node.Incarnation
	Reason      string
	Version     string
	Trust       node.Trust
	TTL         int64 `yaml:"ttl_ms"`
	Nodes       int
}

// said is what a node says of itself, as far as it is not ordinary.
type said struct {
	Instance                                          int
	Node                                              node.Name
	Version, Contract, UUID, Signer, Trust, Signature string
	TTL                                               int64 `yaml:"ttl_ms"`
	PID                                               int
}

func (s said) announce() event.NodeAnnounce {
	a := announcement(max(s.Instance, 1), cmp.Or(s.Node, "one"), tool("greet", 1))
	a.Manifest.Version = cmp.Or(s.Version, "1.0.0")
	a.Manifest.UUID = cmp.Or(s.UUID, "00000000-0000-4000-8000-00000000000a")
	a.Manifest.Signer = s.Signer
	a.Contract.Version = cmp.Or(s.Contract, a.Manifest.Version)
	a.Trust, a.Signature = node.Trust(s.Trust), s.Signature
	a.TTL = time.Duration(s.TTL) * time.Millisecond
	a.Process = event.Process{Host: "here", PID: max(s.PID, 1), Started: "1"}
	return a
}

func TestAnnouncementRules(t *testing.T) {
	data, err := os.ReadFile("testdata/announcements.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var cases []announcementCase
	if err := yaml.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	for _, tt := range cases {
		t.Run(tt.Name, func(t *testing.T) {
			s := registry.NewState(nil)
			if tt.First != nil {
				i := mustAnnounce(t, s, noon, tt.First.announce())
				switch tt.After {
				case "gone":
					s.Gone(noon, id(1), i, "ended")
				case "stopped":
					s.Stop(noon, event.NodeStopped{NodeID: id(1), Incarnation: i})
				}
			}
			a := tt.Then.announce()
			acc, _, err := s.Announce(noon, a)
			if got := fault.ReportOf(err).Code; err != nil && got != tt.Code || err == nil && tt.Code != "" {
				t.Fatalf("answered with %q: %v, want %q", got, err, tt.Code)
			}
			if acc.Incarnation != tt.Incarnation {
				t.Errorf("incarnation %d, want %d", acc.Incarnation, tt.Incarnation)
			}
			if n := cmp.Or(tt.Nodes, s.Len()); s.Len() != n {
				t.Errorf("%d nodes, want %d", s.Len(), n)
			}
			if tt.Incarnation == 0 && tt.Version == "" {
				return
			}
			e, err := s.Node(string(a.NodeID), false)
			if err != nil {
				t.Fatal(err)
			}
			got := []any{e.Reason, e.Version, e.Trust, e.TTL.Milliseconds()}
			want := []any{cmp.Or(tt.Reason, e.Reason), cmp.Or(tt.Version, e.Version), cmp.Or(tt.Trust, e.Trust), cmp.Or(tt.TTL, e.TTL.Milliseconds())}
			if diff := gocmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Every event that a registry takes in, delivered once more and later, changes
// neither nodes nor leases, and nothing is told again.
func TestLateEventsChangeNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		forgetful := bus.NewMemory(&bus.MemoryOptions{Events: 1}) // it would drop what it knows to come again
		w := newWorldOn(t, forgetful, &registry.Options{Free: anyPort})
		defer w.close()
		all, err := w.bus.Subscribe(w.ctx, event.AllEvents, &bus.Options{Queue: bus.MaxQueue})
		if err != nil {
			t.Fatal(err)
		}
		killed, stopped, lives := greeter(1), greeter(2), greeter(3)
		w.join(killed)
		w.join(stopped)
		i := w.join(lives)
		w.beat(3, i)
		w.publish(event.NodeDead{NodeID: id(1), Name: "greeter", Incarnation: 1, Reason: "its program ended"}, "greeter", id(1))
		w.publish(event.NodeStopped{NodeID: id(2), Name: "greeter", Incarnation: 2}, "greeter", id(2))
		kept, err := w.client.Lease(w.ctx, registry.PortWish{Name: "kept"})
		if err != nil {
			t.Fatal(err)
		}
		given, err := w.client.Lease(w.ctx, registry.PortWish{Name: "given back"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.client.Renew(w.ctx, kept, 0); err != nil {
			t.Fatal(err)
		}
		if err := w.client.Release(w.ctx, given); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		nodes, leases := w.picture()
		time.Sleep(time.Second)
		var again []bus.Delivery
		for ctx, cancel := context.WithCancel(w.ctx); ; {
			time.AfterFunc(time.Millisecond, cancel) // what is there comes at once
			d, err := all.Next(ctx)
			if err != nil {
				break
			}
			if d.Event.NodeID != "" && d.Subject.From() != registry.DefaultName {
				again = append(again, d)
			}
		}
		if len(again) < 9 {
			t.Fatalf("only %d events", len(again))
		}
		for _, d := range again {
			if _, err := w.bus.Publish(w.ctx, d.Subject, d.Event); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		ignore := cmpopts.IgnoreFields(event.Lease{}, "RenewedAt", "ExpiresAt") // a renewal may be repeated
		nodesAfter, leasesAfter := w.picture()
		if diff := gocmp.Diff(nodes, nodesAfter); diff != "" {
			t.Errorf("nodes:\n%s", diff)
		}
		if diff := gocmp.Diff(leases, leasesAfter, ignore); diff != "" {
			t.Errorf("leases:\n%s", diff)
		}
	})
}

// picture is all that a registry knows.
func (w *world) picture() ([]event.NodeEntry, []event.Lease) {
	w.t.Helper()
	nodes, err := w.client.Nodes(w.ctx, event.NodeDiscoveryRequest{Detail: true})
	if err != nil {
		w.t.Fatal(err)
	}
	leases, err := w.client.Leases(w.ctx)
	if err != nil {
		w.t.Fatal(err)
	}
	return nodes, leases
}
