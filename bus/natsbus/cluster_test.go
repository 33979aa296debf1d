package natsbus_test

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/bus/natsbus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/internal/soon"
)

// A cluster is three servers on loopback, as an administrator would run on three
// machines.
type cluster struct {
	servers []*server.Server
	options []*server.Options
}

func newCluster(t *testing.T) *cluster {
	t.Helper()
	const n = 3
	var ports [n]int
	var routes []*url.URL
	for i := range ports {
		ports[i] = freePort(t)
		routes = append(routes, &url.URL{Scheme: "nats", Host: fmt.Sprintf("127.0.0.1:%d", ports[i])})
	}
	c := new(cluster)
	for i := range n {
		c.options = append(c.options, &server.Options{
			ServerName: fmt.Sprintf("s%d", i), Host: "127.0.0.1", Port: freePort(t), NoSigs: true, NoLog: true,
			JetStream: true, StoreDir: t.TempDir(), Routes: routes,
			Cluster: server.ClusterOpts{Name: "c", Host: "127.0.0.1", Port: ports[i]},
		})
		c.servers = append(c.servers, nil)
		c.start(t, i)
	}
	t.Cleanup(func() {
		for _, s := range c.servers {
			s.Shutdown()
			s.WaitForShutdown()
		}
	})
	soon.True(t, "the cluster has a leader that knows all servers", func() bool {
		i := c.leader()
		return i >= 0 && len(c.servers[i].JetStreamClusterPeers()) == n
	})
	return c
}

const patience = 60 * time.Second

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func (c *cluster) start(t *testing.T, i int) {
	t.Helper()
	s, err := server.NewServer(c.options[i])
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	c.servers[i] = s
}

// leader returns the server that leads the cluster, or -1.
func (c *cluster) leader() int {
	for i, s := range c.servers {
		if s.JetStreamIsLeader() {
			return i
		}
	}
	return -1
}

// streamLeader returns the server that leads the stream of events, or -1.
func (c *cluster) streamLeader() int {
	for i, s := range c.servers {
		if s.JetStreamIsStreamLeader("$G", "ONEX_EVENTS") {
			return i
		}
	}
	return -1
}

func (c *cluster) url() string {
	var all []string
	for _, o := range c.options {
		all = append(all, fmt.Sprintf("nats://127.0.0.1:%d", o.Port))
	}
	return strings.Join(all, ",")
}

// The leader of the stream is killed under load, again and again: whoever waits
// for an acknowledgement gets it, everything that was acknowledged is there once,
// and nobody has to do anything.
func TestClusterLosesItsLeader(t *testing.T) {
	c := newCluster(t)
	b := dial(t, natsbus.Options{URL: c.url(), Replicas: 3})
	ctx, cancel := context.WithTimeout(t.Context(), 3*patience)
	defer cancel()
	if _, err := b.Publish(ctx, "node_start.tester", fact(0)); err != nil {
		t.Fatal(err)
	}
	s, err := b.Subscribe(ctx, "node_start.*", &bus.Options{Class: bus.Durable, Name: "reader", AckWait: time.Second, Start: bus.StartNew, MaxDeliver: 1000})
	if err != nil {
		t.Fatal(err)
	}
	acknowledged := make(chan event.ID, 100_000)
	run, stop := context.WithCancel(ctx)
	published := make(chan error, 1)
	go func() {
		for n := 1; run.Err() == nil; n++ {
			e := fact(n)
			if _, err := b.Publish(ctx, "node_start.tester", e); err != nil {
				published <- err
				return
			}
			acknowledged <- e.ID
		}
		published <- nil
	}()
	kills := 2
	if testing.Short() {
		kills = 1
	}
	for range kills {
		waitForMore(t, acknowledged, 20)
		i := -1
		soon.True(t, "the stream has a leader", func() bool { i = c.streamLeader(); return i >= 0 })
		c.servers[i].Shutdown()
		c.servers[i].WaitForShutdown()
		waitForMore(t, acknowledged, 20) // the other two go on
		c.start(t, i)
	}
	waitForMore(t, acknowledged, 20)
	stop()
	if err := <-published; err != nil {
		t.Fatal(err)
	}
	missing := map[event.ID]bool{}
	for range len(acknowledged) {
		missing[<-acknowledged] = true
	}
	t.Logf("%d events acknowledged", len(missing))
	for len(missing) > 0 {
		d, err := s.Next(ctx)
		if err != nil {
			t.Fatalf("%d acknowledged events are missing: %v", len(missing), err)
		}
		delete(missing, d.Event.ID)
		if err := d.Ack(ctx); err != nil {
			t.Error(err)
		}
	}
	if h := b.Health(ctx); h.Errors > h.Reconnects+uint64(kills) { // the loss of a connection or of a leader may count, a call may not
		t.Errorf("health %+v", h)
	}
	s.Close()
	b.Close(ctx)
}
