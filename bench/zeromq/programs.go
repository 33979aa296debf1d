package main

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/bus/zmqbus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/internal/zmtp"
)

// queue is what may wait anywhere on the way, in every program alike.
const queue = 10_000

// beProgram is one of our own programs; args are endpoint, count and size.
func beProgram(ctx context.Context, name string, args []string) error {
	if name == "stuck" {
		return beStuck(ctx)
	}
	count, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	if name == "bus" {
		return beBus(ctx, args[0], count)
	}
	return beSockets(ctx, args[0], count)
}

// A meter counts allocations.
type meter struct {
	began  time.Time
	before runtime.MemStats
}

func (m *meter) start() {
	runtime.ReadMemStats(&m.before)
	m.began = time.Now()
}

func (m *meter) print(count int) {
	took := time.Since(m.began)
	var after runtime.MemStats
	runtime.ReadMemStats(&after)
	fmt.Printf("%.0f %.2f\n", float64(count)/took.Seconds(), float64(after.Mallocs-m.before.Mallocs)/float64(count))
}

func beSockets(ctx context.Context, where string, count int) error {
	pub, err := zmtp.New(zmtp.XPUB, &zmtp.Options{Policy: zmtp.Block, SendQueue: queue})
	if err != nil {
		return err
	}
	defer pub.Close(ctx)
	sub, err := zmtp.New(zmtp.SUB, &zmtp.Options{ReceiveQueue: queue})
	if err != nil {
		return err
	}
	defer sub.Close(ctx)
	if where, err = pub.Bind(ctx, where); err == nil {
		err = sub.Subscribe("t")
	}
	if err == nil {
		err = sub.Connect(where)
	}
	if err == nil {
		_, err = pub.Receive(ctx) // the subscription
	}
	if err != nil {
		return err
	}
	var m meter
	m.start()
	failed := make(chan error, 1)
	go func() {
		message := zmtp.Message{[]byte("t"), bytes.Repeat([]byte("x"), size)}
		for range count {
			if err := pub.Send(ctx, message); err != nil {
				failed <- err
				return
			}
		}
	}()
	for range count {
		if _, err := sub.Receive(ctx); err != nil {
			return err
		}
	}
	m.print(count)
	return nil
}

// beBus publishes events, of about the size of the others' messages.
func beBus(ctx context.Context, where string, count int) error {
	lg := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	f, err := zmqbus.Forward(ctx, zmqbus.Options{URL: "zmq+" + where, Log: lg})
	if err != nil {
		return err
	}
	defer f.Close(ctx)
	pub, err := zmqbus.Dial(ctx, f.Options())
	if err != nil {
		return err
	}
	defer pub.Close(ctx)
	sub, err := zmqbus.Dial(ctx, f.Options())
	if err != nil {
		return err
	}
	defer sub.Close(ctx)
	s, err := sub.Subscribe(ctx, "test_note.*", &bus.Options{Queue: bus.MaxQueue})
	if err != nil {
		return err
	}
	e := event.New("tester-1", event.Raw{Type: "TEST_NOTE", Data: []byte(`{"text":"` + strings.Repeat("x", 40) + `"}`)}, event.ID{})
	var m meter
	m.start()
	flight := make(chan struct{}, queue) // a faster publisher would be one that loses
	go func() {
		for range count {
			flight <- struct{}{}
			if _, err := pub.Publish(ctx, "test_note.tester", e); err != nil {
				slog.Error("publish", "error", err)
				return
			}
		}
	}()
	for range count {
		if _, err := s.Next(ctx); err != nil {
			return err
		}
		<-flight
	}
	m.print(count)
	if n := s.Dropped().Total(); n > 0 {
		return fmt.Errorf("%d dropped", n)
	}
	return nil
}
