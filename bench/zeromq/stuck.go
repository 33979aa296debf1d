package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"text/tabwriter"
	"time"

	"github.com/omninode-ai/onex/internal/zmtp"
)

// A publisher sends perTick messages every millisecond for stuckTime.
const (
	perTick   = 75
	stuckTime = 5 * time.Second
)

// stuck prints what one subscriber that does not read costs the other one.
func stuck(ctx context.Context, dir string) error {
	list, err := contenders(ctx, dir)
	if err != nil {
		return err
	}
	fmt.Printf("\none stuck and one fast subscriber, %d messages of %d bytes a second offered, %v\n\n", perTick*1000, size, stuckTime)
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "program\tsent\tthe fast one got\tresident before MB\tafter MB")
	for name, argv := range map[string][]string{
		list[0].name: append(list[0].argv[:1:1], "-be", "stuck"),
		list[2].name: append(list[2].argv[:1:1], "stuck"),
	} {
		out, err := exec.CommandContext(ctx, argv[0], argv[1:]...).Output()
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		var sent, got int
		var before, after float64
		if _, err := fmt.Sscan(string(out), &sent, &got, &before, &after); err != nil {
			return err
		}
		fmt.Fprintf(w, "%s\t%d\t%.1f %%\t%.0f\t%.0f\n", name, sent, 100*float64(got)/float64(sent), before, after)
	}
	return w.Flush()
}

// beStuck is the publisher, with both subscribers in the same process: the stuck
// one is a bare connection, which needs no memory of its own.
func beStuck(ctx context.Context) error {
	pub, err := zmtp.New(zmtp.XPUB, &zmtp.Options{Linger: -1, Heartbeat: -1})
	if err != nil {
		return err
	}
	defer pub.Close(ctx)
	where, err := pub.Bind(ctx, "tcp://127.0.0.1:0")
	if err != nil {
		return err
	}
	conn, err := silent(strings.TrimPrefix(where, "tcp://"))
	if err != nil {
		return err
	}
	defer conn.Close()
	fast, err := zmtp.New(zmtp.SUB, nil)
	if err != nil {
		return err
	}
	defer fast.Close(ctx)
	if err := fast.Subscribe("t"); err != nil {
		return err
	}
	if err := fast.Connect(where); err != nil {
		return err
	}
	for pub.Subscribers("t") < 2 {
		if _, err := pub.Receive(ctx); err != nil {
			return err
		}
	}
	var got atomic.Int64
	go func() {
		for {
			if _, err := fast.Receive(ctx); err != nil {
				return
			}
			got.Add(1)
		}
	}()
	before := resident()
	sent := offer(func(m [][]byte) { _ = pub.Send(ctx, m) }) // drops are what is measured
	fmt.Println(sent, settled(&got), before, resident())
	return nil
}

// silent subscribes to everything and never reads.
func silent(address string) (net.Conn, error) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	greeting := make([]byte, 64)
	greeting[0], greeting[9], greeting[10] = 0xff, 0x7f, 3
	copy(greeting[12:], "NULL")
	ready := append([]byte("\x05READY\x0bSocket-Type"), binary.BigEndian.AppendUint32(nil, 3)...)
	ready = append(ready, "SUB"...)
	_, err = conn.Write(bytes.Join([][]byte{greeting, {4, byte(len(ready))}, ready, {0, 1, 1}}, nil))
	return conn, err
}

// offer calls send at a steady rate and returns how often.
func offer(send func([][]byte)) int {
	message := [][]byte{[]byte("t"), bytes.Repeat([]byte("x"), size)}
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	sent := 0
	for began := time.Now(); time.Since(began) < stuckTime; <-tick.C {
		for range perTick {
			send(message)
			sent++
		}
	}
	return sent
}

// settled waits until nothing more comes.
func settled(got *atomic.Int64) int64 {
	for last := int64(-1); last != got.Load(); time.Sleep(300 * time.Millisecond) {
		last = got.Load()
	}
	return got.Load()
}

// resident returns the process's memory in megabytes.
func resident() float64 {
	text, err := os.ReadFile("/proc/self/statm")
	var total, pages float64
	if err == nil {
		_, _ = fmt.Sscan(string(text), &total, &pages)
	}
	return pages * float64(os.Getpagesize()) / (1 << 20)
}
