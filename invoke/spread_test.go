package invoke_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/omninode-ai/onex/invoke"
	"github.com/omninode-ai/onex/node"
)

// TestPoliciesSpreadCallsOverManyNodes: round robin evenly, random by chance,
// first and local to one. Who is least loaded depends on beats; see
// TestLeastLoadedAvoidsTheBusy.
func TestPoliciesSpreadCallsOverManyNodes(t *testing.T) {
	const nodes, each = 20, 20
	w := newWorld(t, &invoke.Options{Host: "host-of-n07"})
	for i := range nodes {
		w.start(node.Name(fmt.Sprintf("n%02d", i)), "1.0.0", node.None)
	}
	spread := func(p invoke.Policy) (by map[string]int, least, most int) {
		by, least = map[string]int{}, nodes*each
		for range nodes * each {
			r, err := w.call("x", func(c *invoke.Call) { c.Policy = p })
			if err != nil {
				t.Fatal(err)
			}
			by[from(r)]++
		}
		for _, n := range by {
			least, most = min(least, n), max(most, n)
		}
		return by, least, most
	}
	if by, least, most := spread(invoke.RoundRobin); len(by) != nodes || least != each || most != each {
		t.Errorf("round robin: %v", by)
	}
	// Of 400 calls over 20 nodes each gets 20 with a deviation of 4.4: none at all, or
	// more than 48, happens less than once in a million runs.
	if by, least, most := spread(invoke.Random); len(by) != nodes || least < 1 || most > 48 {
		t.Errorf("random: %v", by)
	}
	for p, want := range map[invoke.Policy]string{invoke.First: "n00", invoke.LocalFirst: "n07"} {
		if by, _, _ := spread(p); by[want] != nodes*each {
			t.Errorf("%s: %v, want all to %s", p, by, want)
		}
	}
}

// TestLeastLoadedSpreadsCallsThatBeginAtOnce: none begins on a node while another
// has less to do, although no beat has told of any of them.
func TestLeastLoadedSpreadsCallsThatBeginAtOnce(t *testing.T) {
	const nodes, each = 10, 4
	w := newWorld(t, nil)
	var workers []*worker
	for i := range nodes {
		workers = append(workers, w.start(node.Name(fmt.Sprintf("n%02d", i)), "1.0.0", node.None))
	}
	if _, err := w.call("x"); err != nil { // all nodes are known from here on
		t.Fatal(err)
	}
	var calls sync.WaitGroup
	for range nodes * each {
		calls.Go(func() {
			if _, err := w.call("wait", func(c *invoke.Call) { c.Policy = invoke.LeastLoaded }); err != nil {
				t.Error(err)
			}
		})
	}
	for _, x := range workers {
		for range each {
			select {
			case <-x.entered:
			case <-t.Context().Done():
			}
		}
	}
	for _, x := range workers {
		if n := len(x.entered); n != 0 {
			t.Errorf("%s has %d calls more than its share", x.Manifest().Name, n)
		}
		for range each {
			x.leave <- struct{}{}
		}
	}
	calls.Wait()
}
