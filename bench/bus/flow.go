//go:build unix

package main

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/bus/ipcbus"
	"github.com/omninode-ai/onex/bus/natsbus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/internal/busbench"
	"github.com/omninode-ai/onex/internal/natsd"
)

const (
	count = 32_000 // events of a run, a multiple of 64
	trip  = 200 * time.Millisecond
)

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

type opener func(context.Context) (busbench.Conduit, error)

// carried is events a second.
func carried(name string, n int, open opener) contender {
	return contender{name, func(ctx context.Context) (float64, error) {
		c, err := open(ctx)
		if err != nil {
			return 0, err
		}
		took, err := busbench.Carry(ctx, c, 1, n)
		return float64(n) / took.Seconds(), errors.Join(err, c.Close())
	}}
}

// tripped is microseconds of a round trip, in the median.
func tripped(name string, there, back opener) contender {
	return contender{name, func(ctx context.Context) (float64, error) {
		a, err := there(ctx)
		if err != nil {
			return 0, err
		}
		defer a.Close()
		b, err := back(ctx)
		if err != nil {
			return 0, err
		}
		defer b.Close()
		l, err := busbench.RoundTrip(ctx, a, b, trip)
		return float64(l.P50.Nanoseconds()) / 1000, err
	}}
}

// between returns openers of conduits between two bus values.
func between(a, b bus.Bus) (there, back opener) {
	subjects := busbench.NewSubjects()
	there = func(ctx context.Context) (busbench.Conduit, error) {
		return busbench.OnBus(ctx, subjects, a, b, bus.Ephemeral)
	}
	back = func(ctx context.Context) (busbench.Conduit, error) {
		return busbench.OnBus(ctx, subjects, b, a, bus.Ephemeral)
	}
	return there, back
}

func relayed(network, address string) opener {
	return func(context.Context) (busbench.Conduit, error) { return busbench.Relayed(network, address) }
}

func memory(_ context.Context, dir string) ([]table, error) {
	others, err := peers(dir)
	if err != nil {
		return nil, err
	}
	m := bus.NewMemory(nil)
	there, _ := between(m, m)
	return []table{{title: "memory, one publisher, one subscriber", unit: "events/s", contenders: []contender{
		carried("bus.Memory", count, there), others("eventbus", count), others("watermill", count/8),
		carried("Go channel", count, func(context.Context) (busbench.Conduit, error) { return busbench.Channel(), nil }),
	}}}, nil
}

func ipc(ctx context.Context, dir string) ([]table, func() error, error) {
	path := filepath.Join(dir, "bus.sock")
	from, err := ipcbus.Dial(ctx, ipcbus.Options{Path: path, Log: quiet()})
	if err != nil {
		return nil, nil, err
	}
	to, err := ipcbus.Dial(ctx, ipcbus.Options{Path: path, Log: quiet()})
	if err != nil {
		return nil, nil, err
	}
	there, back := between(from, to)
	raw := relayed("unix", filepath.Join(dir, "raw.sock"))
	return []table{
			{title: "ipc, one process", unit: "events/s", contenders: []contender{carried("ipcbus", count, there), carried("raw relay", count, raw)}},
			{title: "ipc round trip, one process", unit: "µs p50", contenders: []contender{tripped("ipcbus", there, back), tripped("raw relay", raw, raw)}},
		}, func() error {
			return errors.Join(to.Close(ctx), from.Close(ctx))
		}, nil
}

// onNATS is a conduit on nats.go alone.
type onNATS struct {
	nc   *nats.Conn
	sub  *nats.Subscription
	name string
	data []byte
}

func (c *onNATS) Send(context.Context) error { return c.nc.Publish(c.name, c.data) }
func (c *onNATS) Flush() error               { return nil } // it flushes by itself

func (c *onNATS) Receive(ctx context.Context) error {
	_, err := c.sub.NextMsgWithContext(ctx)
	return err
}

func (c *onNATS) Close() error { return c.sub.Unsubscribe() }

func core(ctx context.Context, dir string) ([]table, func() error, error) {
	s, err := natsd.Start(ctx, natsd.Options{Profile: natsd.ProfileMemory, Listen: "127.0.0.1:0", Token: "t", Log: quiet()})
	if err != nil {
		return nil, nil, err
	}
	url, credentials := "nats://"+s.Address(), natsbus.Credentials{Token: "t"}
	from, err := natsbus.Dial(ctx, natsbus.Options{URL: url, Credentials: credentials, Log: quiet()})
	if err != nil {
		return nil, nil, err
	}
	to, err := natsbus.Dial(ctx, natsbus.Options{URL: url, Credentials: credentials, Log: quiet()})
	if err != nil {
		return nil, nil, err
	}
	a, err := nats.Connect(url, nats.Token("t"))
	if err != nil {
		return nil, nil, err
	}
	b, err := nats.Connect(url, nats.Token("t"))
	if err != nil {
		return nil, nil, err
	}
	alone := func(from, to *nats.Conn, name string) opener {
		return func(context.Context) (busbench.Conduit, error) {
			sub, err := to.SubscribeSync(name)
			if err != nil {
				return nil, err
			}
			return &onNATS{from, sub, name, make([]byte, busbench.EventSize)}, to.Flush()
		}
	}
	there, back := between(from, to)
	return []table{
			{title: "NATS core over TCP, one process", unit: "events/s", contenders: []contender{carried("natsbus", count, there), carried("nats.go", count, alone(a, b, "x"))}},
			{title: "NATS round trip over TCP, one process", unit: "µs p50", contenders: []contender{tripped("natsbus", there, back), tripped("nats.go", alone(a, b, "x"), alone(b, a, "y"))}},
		}, func() error {
			a.Close()
			b.Close()
			return errors.Join(to.Close(ctx), from.Close(ctx), s.Close(ctx))
		}, nil
}

// at publishes by so many goroutines for a while and returns events a second.
func at(ctx context.Context, publishers int, publish func(context.Context, event.Event) error) (float64, error) {
	const d = time.Second
	var all sync.WaitGroup
	var mu sync.Mutex
	var errs error
	stored := 0
	began := time.Now()
	for range publishers {
		all.Go(func() {
			for time.Since(began) < d {
				e, err := busbench.Event(bus.Durable)
				if err == nil {
					err = publish(ctx, e)
				}
				mu.Lock()
				stored++
				errs = errors.Join(errs, err)
				mu.Unlock()
				if err != nil {
					return
				}
			}
		})
	}
	all.Wait()
	return float64(stored) / time.Since(began).Seconds(), errs
}

func durable(ctx context.Context, dir string) ([]table, func() error, error) {
	s, err := natsd.Start(ctx, natsd.Options{Dir: filepath.Join(dir, "store"), Listen: "127.0.0.1:0", Token: "t", Log: quiet()})
	if err != nil {
		return nil, nil, err
	}
	url := "nats://" + s.Address()
	b, err := natsbus.Dial(ctx, natsbus.Options{URL: url, Credentials: natsbus.Credentials{Token: "t"}, Log: quiet()})
	if err != nil {
		return nil, nil, err
	}
	nc, err := nats.Connect(url, nats.Token("t"))
	if err != nil {
		return nil, nil, err
	}
	js, err := jetstream.New(nc)
	if err != nil {
		return nil, nil, err
	}
	ours := func(ctx context.Context, e event.Event) error {
		_, err := b.Publish(ctx, "node_start.bench", e)
		return err
	}
	plain := func(ctx context.Context, e event.Event) error {
		data, err := event.Encode(e)
		if err == nil {
			_, err = js.Publish(ctx, natsbus.DefaultPrefix+".node_start.bench", data, jetstream.WithMsgID(e.ID.String()))
		}
		return err
	}
	var tables []table
	for _, n := range []int{1, 64, 512} {
		title := map[int]string{1: "durable publish, synced, 1 publisher", 64: "64 publishers", 512: "512 publishers"}[n]
		tables = append(tables, table{title: title, unit: "events/s", contenders: []contender{
			{"natsbus", func(ctx context.Context) (float64, error) { return at(ctx, n, ours) }},
			{"nats.go, JetStream", func(ctx context.Context) (float64, error) { return at(ctx, n, plain) }},
		}})
	}
	return tables, func() error {
		nc.Close()
		return errors.Join(b.Close(ctx), s.Close(ctx))
	}, nil
}
