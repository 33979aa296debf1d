package registry_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/registry"
)

// Whatever comes and goes, a node that fell too often within the window gets no
// calls before it was up for the hold, and one that stays up gets them again.
func TestFlapDamping(t *testing.T) {
	const ttl = 300 * time.Millisecond
	rapid.Check(t, func(t *rapid.T) {
		s, now := registry.NewState(nil), noon
		a := greeter(1)
		a.TTL = ttl
		acc, _, err := s.Announce(now, a)
		if err != nil {
			t.Fatal(err)
		}
		var falls []time.Time
		beat := func() {
			if known, _ := s.Beat(now, event.NodeHeartbeat{NodeID: id(1), Incarnation: acc.Incarnation}); !known {
				acc, _, _ = s.Announce(now, a)
			}
		}
		for range rapid.IntRange(1, 40).Draw(t, "rounds") {
			routed := len(s.Providers("greet")) == 1
			switch rapid.SampledFrom([]string{"lost", "gone", "up", "up"}).Draw(t, "what") {
			case "lost":
				s.Suspect(now, id(1), "connection lost")
			case "gone":
				s.Gone(now, id(1), acc.Incarnation, "process ended")
			}
			if routed && len(s.Providers("greet")) == 0 {
				falls = append(falls, now)
			}
			now = now.Add(rapid.SampledFrom([]time.Duration{ttl / 10, ttl / 3, ttl / 2}).Draw(t, "time"))
			beat()
			offered := len(s.Providers("greet")) == 1
			if want := !flaps(falls, ttl, now); offered != want {
				t.Fatalf("at %s after falls %v: offered %t, want %t", now, falls, offered, want)
			}
		}
		for end := now.Add(registry.FlapHold * ttl); now.Before(end); now = now.Add(ttl / 3) {
			s.Expire(now)
			beat()
		}
		beat()
		if len(s.Providers("greet")) != 1 {
			t.Fatal("a node that stayed up gets no calls")
		}
	})
}

// flaps is what the page says, in other words than the code.
func flaps(falls []time.Time, ttl time.Duration, now time.Time) bool {
	n := len(falls)
	if n < registry.FlapLimit {
		return false
	}
	return falls[n-1].Sub(falls[n-registry.FlapLimit]) <= registry.FlapWindow*ttl &&
		now.Sub(falls[n-1]) < registry.FlapHold*ttl
}

// The same through a registry on a bus, by the clock.
func TestServeDampsFlapping(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lost := make(chan node.ID)
		w := newWorld(t, &registry.Options{Lost: lost})
		defer w.close()
		i := w.join(greeter(1))
		for range registry.FlapLimit {
			w.wantProviders(1)
			lost <- id(1)
			w.wantProviders(0)
			w.beat(1, i)
			synctest.Wait()
		}
		if e := w.wantStatus(1, node.Suspect); e.Reason != "connection lost" {
			t.Errorf("reason %q", e.Reason)
		}
		w.wantProviders(0)
		began := time.Now()
		for time.Since(began) < registry.FlapHold*registry.DefaultTTL {
			w.wantProviders(0)
			time.Sleep(time.Second)
			w.beat(1, i)
			synctest.Wait()
		}
		w.wantProviders(1)
	})
}

// A node that dies again and again has a new life each time, and is suspect in it.
func TestANewLifeIsHeldToo(t *testing.T) {
	s := registry.NewState(nil)
	for n := range registry.FlapLimit {
		i := mustAnnounce(t, s, noon, greeter(1))
		if int(i) != n+1 {
			t.Fatalf("incarnation %d", i)
		}
		s.Gone(noon, id(1), i, "process ended")
	}
	i := mustAnnounce(t, s, noon, greeter(1))
	e := mustNode(t, s, "greeter")
	if e.Status != node.Suspect || !strings.HasPrefix(e.Reason, "flapping: it failed 5 times within 1m0s") || i != registry.FlapLimit+1 {
		t.Errorf("%+v", e)
	}
}

// The host of a program says that it died; everybody else is not believed.
func TestServeHearsOfDeaths(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		defer w.close()
		i := w.join(greeter(1))
		died := event.NodeDead{NodeID: id(1), Name: "greeter", Incarnation: i, Reason: "its program ended: killed"}
		w.publish(died, "greeter", id(2))
		late := died
		late.Incarnation = i - 1
		w.publish(late, "greeter", id(1))
		synctest.Wait()
		w.wantStatus(1, node.Online)
		for range 2 {
			w.publish(died, "greeter", id(1))
		}
		synctest.Wait()
		if e := w.wantStatus(1, node.Dead); e.Reason != died.Reason || len(e.History) != 2 {
			t.Errorf("%q, history %+v", e.Reason, e.History)
		}
		w.beat(1, i) // does not bring it back
		synctest.Wait()
		w.wantStatus(1, node.Dead)
		if again := w.join(greeter(1)); again <= i {
			t.Errorf("incarnation %d after %d", again, i)
		}
	})
}

// Trust is judged again while a node runs, and what became of it is told.
func TestTrustIsJudgedAgain(t *testing.T) {
	proves, why := node.Verified, error(nil)
	s := registry.NewState(&registry.StateOptions{Trust: func(event.NodeAnnounce) (node.Trust, error) { return proves, why }})
	a := greeter(1)
	a.Trust, a.Signature = node.Verified, "signed"
	i := mustAnnounce(t, s, noon, a)
	want := func(trust node.Trust, reason string, changes int) {
		t.Helper()
		if e := mustNode(t, s, "greeter"); e.Trust != trust || e.Reason != reason || len(e.History) != changes || e.Status != node.Online {
			t.Errorf("%s %s %q, history %+v; want %s %q", e.Status, e.Trust, e.Reason, e.History, trust, reason)
		}
	}
	want(node.Verified, "announced", 1)
	proves, why = node.Trusted, errors.New("the program is another")
	s.Announce(noon, a) // the same again changes nothing
	s.Beat(noon.Add(time.Second), event.NodeHeartbeat{NodeID: id(1), Incarnation: i})
	want(node.Verified, "announced", 1)
	s.Beat(noon.Add(registry.Rejudge), event.NodeHeartbeat{NodeID: id(1), Incarnation: i})
	want(node.Trusted, "trusted, was verified: the program is another", 2)

	proves, why = node.Verified, nil
	a.Binary = "as before"
	if again := mustAnnounce(t, s, noon.Add(registry.Rejudge), a); again != i {
		t.Errorf("incarnation %d, want %d", again, i)
	}
	want(node.Verified, "verified, was trusted", 3)
	store := map[string][]byte{}
	flush(t, s, store)
	r := registry.NewState(nil)
	if err := r.Restore(noon, store); err != nil {
		t.Fatal(err)
	}
	if e := mustNode(t, r, "greeter"); e.Trust != node.Verified {
		t.Errorf("after a restart %+v", e)
	}
	proves, why = node.Untrusted, errors.New("the key is not allowed")
	mustAnnounce(t, s, noon, func() event.NodeAnnounce { b := a; b.NodeID = id(2); return b }())
	e, err := s.Node(string(id(2)), true)
	if err != nil || e.Reason != "announced; untrusted, not verified: the key is not allowed" {
		t.Errorf("%+v, %v", e, err)
	}
}
