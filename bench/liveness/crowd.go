package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/registry"
)

// crowdSize is the number of nodes in the crowd; kinds of them differ.
const (
	crowdSize = 10_000
	kinds     = 100
)

// crowd announces a crowd to a registry in this process, and measures what it costs.
// The nodes are announcements only; they die when it is over.
func crowd(ctx context.Context) error {
	b := bus.NewMemory(nil)
	defer b.Close(ctx)
	serving, listening := make(chan error, 1), make(chan struct{})
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	before := heap()
	go func() {
		serving <- registry.Serve(ctx, b, &registry.Options{Log: slog.New(slog.DiscardHandler), TTL: time.Minute, Ready: func() { close(listening) }})
	}()
	<-listening
	sub, err := b.Subscribe(ctx, "node_announce_accepted.registry.*", &bus.Options{Queue: bus.MaxQueue})
	if err != nil {
		return err
	}
	begin := time.Now()
	for i := range crowdSize {
		a := one(i)
		if _, err := b.Publish(ctx, event.NewSubject(a.Kind(), a.Manifest.Name), event.New(string(a.NodeID), a, event.ID{})); err != nil {
			return err
		}
	}
	for range crowdSize {
		if _, err := sub.Next(ctx); err != nil {
			return err
		}
	}
	settled := time.Since(begin)
	_ = sub.Close()
	used := heap() - before
	client, err := registry.NewClient(ctx, b, nil)
	if err != nil {
		return err
	}
	lookups, err := measure(1000, func() error { _, err := client.Tools(ctx, "tool_42"); return err })
	if err != nil {
		return err
	}
	lists, err := measure(10, func() error {
		all, err := client.Nodes(ctx, event.NodeDiscoveryRequest{})
		if len(all) != crowdSize {
			err = fmt.Errorf("%d nodes in the list", len(all))
		}
		return err
	})
	if err != nil {
		return err
	}
	fmt.Printf("| %d nodes | measured | target |\n|---|---|---|\n| heap | %d MB | ≤ 200 MB |\n| lookup of a tool with 100 providers, asked over the bus, p50 / p99 | %s / %s | ≤ 1 ms |\n| full list, asked over the bus, p50 / max | %s / %s | ≤ 300 ms |\n| storm, first announcement to last acceptance | %s | ≤ 10 s |\n",
		crowdSize, used>>20, fine(p(lookups, 50)), fine(p(lookups, 99)), fine(p(lists, 50)), fine(lists[len(lists)-1]), fine(settled))
	_ = client.Close()
	cancel()
	return <-serving
}

func one(i int) event.NodeAnnounce {
	name := node.Name(fmt.Sprintf("node_%d", i%kinds))
	tool := node.Tool{
		Name: node.ToolName(fmt.Sprintf("tool_%d", i%kinds)), Description: "does something", Idempotency: node.None,
		Input: []byte(`{"type":"object"}`), Output: []byte(`{"type":"object"}`),
	}
	return event.NodeAnnounce{
		NodeID:   node.ID(event.NewID().String()),
		Manifest: node.Manifest{Name: name, Version: "1.0.0"},
		Contract: node.Contract{ContractVersion: node.ContractVersion, Node: name, Version: "1.0.0", Tools: []node.Tool{tool}},
		Status:   event.AnnounceOnline,
	}
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func measure(n int, f func() error) ([]time.Duration, error) {
	var times []time.Duration
	for range n {
		begin := time.Now()
		if err := f(); err != nil {
			return nil, err
		}
		times = append(times, time.Since(begin))
	}
	return sorted(times), nil
}

func fine(d time.Duration) string { return d.Round(10 * time.Microsecond).String() }

var digits = regexp.MustCompile(`[0-9.]+(ms|s)?`)

// busy has a thousand nodes live on a bus that is flooded, on processors that have
// other things to do, and counts those that are believed to be dead and are not.
func busy(ctx context.Context, onex string, nodes int, d time.Duration) error {
	r, err := enter(ctx, onex, "ipc:")
	if err != nil {
		return err
	}
	defer r.leave(ctx)
	self, err := os.Executable()
	if err != nil {
		return err
	}
	population, err := r.start(self, "nodes", r.url, strconv.Itoa(nodes))
	if err != nil {
		return err
	}
	defer population.end(syscall.SIGKILL)
	if _, err := population.await("is ready"); err != nil {
		return err
	}
	for range 2 * runtime.NumCPU() {
		spinner := exec.CommandContext(ctx, self, "spin")
		if err := spinner.Start(); err != nil {
			return err
		}
		defer func() { _ = spinner.Process.Kill(); _ = spinner.Wait() }()
	}
	flooded := make(chan int)
	flood, stop := context.WithTimeout(ctx, d)
	defer stop()
	go func() {
		n := 0
		text := strings.Repeat("x", 300)
		for flood.Err() == nil {
			e := event.New("flood", event.StructuredLog{Level: "info", Message: text}, event.ID{})
			if _, err := r.bus.Publish(flood, event.NewSubject(e.Kind(), "flood"), e); err == nil {
				n++
			}
		}
		flooded <- n
	}()
	suspects, dead, reasons := 0, 0, map[string]int{}
	for flood.Err() == nil {
		select {
		case p := <-r.told:
			switch p := p.(type) {
			case event.NodeSuspect:
				suspects++
				reasons["suspect: "+digits.ReplaceAllString(p.Reason, "N")]++
			case event.NodeDead:
				dead++
				reasons["dead: "+digits.ReplaceAllString(p.Reason, "N")]++
			}
		case <-flood.Done():
		}
	}
	fmt.Printf("| %d nodes, %d spinning processes on %d processors, %s | events of the flood | false suspicions | false deaths (target 0) |\n|---|---|---|---|\n| | %d | %d | %d |\n",
		nodes, 2*runtime.NumCPU(), runtime.NumCPU(), d, <-flooded, suspects, dead)
	for reason, n := range reasons {
		fmt.Printf("%d × %s\n", n, reason)
	}
	if dead > 0 {
		return errors.New("a node that lived was taken for dead")
	}
	return nil
}
