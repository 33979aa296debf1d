//go:build unix

// Command invoke measures calls of a tool by its name, through the registry, against
// what they stand on: a question and its answer on the same bus, with nobody in between.
//
//	go run ./bench/invoke [-calls 3000] [-what memory,embedded,ipc,nats,zmq]
//
// Caller, node and registry are in one process, each with a connection of its own.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/pprof"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/bus/ipcbus"
	"github.com/omninode-ai/onex/bus/natsbus"
	"github.com/omninode-ai/onex/bus/zmqbus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/internal/natsd"
	"github.com/omninode-ai/onex/invoke"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/registry"
)

func main() {
	log.SetFlags(0)
	calls := flag.Int("calls", 3000, "at each number at once")
	what := flag.String("what", "memory,embedded,ipc,nats,zmq", "buses")
	profile := flag.String("profile", "", "write a CPU profile to this file")
	flag.Parse()
	if *profile != "" {
		f, err := os.Create(*profile)
		if err == nil {
			err = pprof.StartCPUProfile(f)
		}
		if err != nil {
			log.Fatal("invoke: ", err)
		}
		defer pprof.StopCPUProfile()
	}
	fmt.Println("| bus | at once | request p50 | p99 | by name p50 | p99 | adds p50 | by name calls/s | errors |\n|---|---|---|---|---|---|---|---|---|")
	for name := range strings.SplitSeq(*what, ",") {
		if err := measure(name, *calls); err != nil {
			log.Fatalf("invoke: %s: %v", name, err)
		}
	}
}

// A stage is a bus with a registry, a node and a caller.
type stage struct {
	client *invoke.Client
	caller *bus.Caller
	errors atomic.Int64
}

func measure(name string, calls int) error {
	dir, err := os.MkdirTemp("", "onex")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	connect, end, err := backend(ctx, name, dir)
	if err != nil {
		return err
	}
	var parts sync.WaitGroup
	defer func() { cancel(); parts.Wait(); end() }()
	s, err := newStage(ctx, connect, &parts)
	if err != nil {
		return err
	}
	defer s.client.Close()
	for _, atOnce := range []int{1, 64, 1000} {
		s.errors.Store(0)
		raw := s.timed(ctx, atOnce, calls, s.ask)
		begin := time.Now()
		named := s.timed(ctx, atOnce, calls, s.call)
		rate := float64(len(named)) / time.Since(begin).Seconds()
		fmt.Printf("| %s | %d | %s | %s | %s | %s | %s | %.0f | %d |\n", name, atOnce, at(raw, 50), at(raw, 99), at(named, 50), at(named, 99),
			at(named, 50)-at(raw, 50), rate, s.errors.Load())
	}
	return nil
}

func at(sorted []time.Duration, percent int) time.Duration {
	return sorted[(len(sorted)-1)*percent/100].Round(time.Microsecond)
}

// timed returns how long each call took, sorted.
func (s *stage) timed(ctx context.Context, atOnce, calls int, call func(context.Context) error) []time.Duration {
	took := make([]time.Duration, max(calls, 3*atOnce))
	var next atomic.Int64
	var all sync.WaitGroup
	for range atOnce {
		all.Go(func() {
			for {
				i := next.Add(1) - 1
				if i >= int64(len(took)) {
					return
				}
				begin := time.Now()
				if err := call(ctx); err != nil {
					s.errors.Add(1)
				}
				took[i] = time.Since(begin)
			}
		})
	}
	all.Wait()
	slices.Sort(took)
	return took
}

type in struct {
	Name string `json:"name"`
}

type out struct {
	Greeting string `json:"greeting"`
}

const arguments = `{"name":"Ada"}`

func (s *stage) call(ctx context.Context) error {
	_, err := s.client.Invoke(ctx, invoke.Call{Tool: "greet", Args: json.RawMessage(arguments), Timeout: 30 * time.Second})
	return err
}

const echo = "echo-of-the-bench"

// ask asks a question whose answer is as large as that of the call.
func (s *stage) ask(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	p := event.ToolProxyInvoke{ToolName: "greet", Arguments: json.RawMessage(arguments)}
	_, err := s.caller.Do(ctx, event.NewSubject(p.Kind(), "bench").To(echo), event.New("bench", p, event.ID{}))
	return err
}

func newStage(ctx context.Context, connect func() (bus.Bus, error), parts *sync.WaitGroup) (*stage, error) {
	var buses [4]bus.Bus // of the registry, the node, the caller, and who echoes
	for i := range buses {
		var err error
		if buses[i], err = connect(); err != nil {
			return nil, err
		}
	}
	listening, ready := make(chan struct{}), make(chan struct{})
	parts.Go(func() {
		report(registry.Serve(ctx, buses[0], &registry.Options{Log: quiet(), Ready: func() { close(listening) }}))
	})
	<-listening
	h := host.New(node.Manifest{Name: "greeter", Version: "1.0.0", Runtime: node.Go}, &host.Options{Log: quiet(), Ready: func(host.Accepted) { close(ready) }})
	host.Handle(h, "greet", "greets", func(_ context.Context, i in) (out, error) { return out{"hello " + i.Name}, nil }, nil)
	parts.Go(func() { report(h.Run(ctx, buses[1])) })
	<-ready
	sub, err := buses[3].Subscribe(ctx, event.FilterTo(echo), &bus.Options{Queue: 10_000})
	if err != nil {
		return nil, err
	}
	parts.Go(func() { answer(ctx, buses[3], sub) })
	s := &stage{}
	if s.client, err = invoke.NewClient(ctx, buses[2], &invoke.Options{Log: quiet()}); err != nil {
		return nil, err
	}
	s.caller, err = bus.NewCaller(ctx, buses[2], event.NewID().String())
	return s, err
}

func answer(ctx context.Context, b bus.Bus, sub bus.Subscription) {
	for {
		d, err := sub.Next(ctx)
		if err != nil {
			return
		}
		p := event.ToolProxyResult{ToolName: "greet", NodeID: echo, Status: node.Success, Result: json.RawMessage(`{"greeting":"hello Ada"}`)}
		if err := bus.Answer(ctx, b, "echo", d.Event, echo, p); err != nil {
			report(err)
		}
	}
}

func report(err error) {
	if err != nil {
		log.Println("invoke:", err)
	}
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// backend returns what connects to a bus, and what ends it.
func backend(ctx context.Context, name, dir string) (connect func() (bus.Bus, error), end func(), err error) {
	switch name {
	case "memory":
		m := bus.NewMemory(nil)
		return func() (bus.Bus, error) { return m, nil }, func() { _ = m.Close(context.Background()) }, nil
	case "embedded":
		s, err := natsd.Start(ctx, natsd.Options{Dir: dir, Socket: filepath.Join(dir, "s"), Log: quiet()})
		return dialing(ctx, "unix://"+filepath.Join(dir, "s")), func() { _ = s.Close(context.Background()) }, err
	case "nats":
		s, err := natsd.Start(ctx, natsd.Options{Dir: dir, Listen: "127.0.0.1:0", Token: "t", Log: quiet()})
		if err != nil {
			return nil, nil, err
		}
		return dialing(ctx, "nats://t@"+s.Address()), func() { _ = s.Close(context.Background()) }, nil
	case "ipc":
		return func() (bus.Bus, error) {
			return ipcbus.Dial(ctx, ipcbus.Options{Path: filepath.Join(dir, "s"), Log: quiet()})
		}, func() {}, nil
	case "zmq":
		bound := false
		return func() (bus.Bus, error) {
			o := zmqbus.Options{URL: "zmq+ipc://" + filepath.Join(dir, "s"), Log: quiet(), Bind: !bound}
			bound = true
			return zmqbus.Dial(ctx, o)
		}, func() {}, nil
	}
	return nil, nil, fmt.Errorf("want memory, embedded, ipc, nats or zmq")
}

func dialing(ctx context.Context, url string) func() (bus.Bus, error) {
	return func() (bus.Bus, error) { return natsbus.Dial(ctx, natsbus.Options{URL: url, Log: quiet()}) }
}
