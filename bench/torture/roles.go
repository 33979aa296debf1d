package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/bus/natsbus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/internal/natsd"
)

// roleVariable makes this program one of those that get killed.
const roleVariable = "ONEX_TORTURE_ROLE"

const (
	lanes   = 16                   // publishers at once in the one process: enough for them to share commits
	pace    = time.Millisecond     // between the events of a lane: pressure, not a benchmark
	retry   = 5 * time.Millisecond // after a publication that was not acknowledged
	ackWait = time.Second          // a killed consumer's events come again after it
	subject = event.Subject("node_start.torture")
	reader  = "torture"

	// attempts is out of reach: kills count as attempts, and no event shall become
	// a dead letter because its readers were killed.
	attempts = 1 << 20
)

// play is a role in dir until its input ends: its parent is gone then, or wants
// an orderly end.
func play(role, dir string, args []string) error {
	ctx, stop := context.WithCancel(context.Background())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	if role == "server" {
		s, err := natsd.Start(ctx, natsd.Options{Dir: filepath.Join(dir, "data"), Socket: socketIn(dir), Log: silent()})
		if err != nil {
			return err
		}
		fmt.Println("ready")
		<-ctx.Done()
		return s.Close(context.Background())
	}
	b, err := dial(ctx, dir)
	if err != nil {
		return err
	}
	defer b.Close(context.Background())
	switch role {
	case "publisher":
		err = publish(ctx, b, args)
	case "consumer":
		err = consume(ctx, b)
	default:
		err = fmt.Errorf("no role %q", role)
	}
	if err != nil {
		return err
	}
	health, err := json.Marshal(b.Health(context.Background()))
	fmt.Printf("health %s\n", health)
	return err
}

func socketIn(dir string) string { return filepath.Join(dir, "s") }

// dial connects to the server, which may just be dead.
func dial(ctx context.Context, dir string) (*natsbus.Bus, error) {
	for {
		b, err := natsbus.Dial(ctx, natsbus.Options{URL: "unix://" + socketIn(dir), Log: silent()})
		if err == nil || ctx.Err() != nil {
			return b, err
		}
		time.Sleep(retry)
	}
}

// A number names one event: a lane, and its place there.
type number struct{ lane, n int }

// eventOf returns the event with a number. It has the same ID in every life of the
// publisher, as it would when it were kept in an outbox.
func eventOf(seed uint64, k number) event.Event {
	e := event.New("torture-1", event.NodeStart{InputState: fmt.Appendf(nil, `{"lane":%d,"n":%d}`, k.lane, k.n)}, event.ID{})
	e.ID = idOf(seed, k)
	e.Correlation = e.ID
	return e
}

func idOf(seed uint64, k number) event.ID {
	text := binary.BigEndian.AppendUint64(nil, seed)
	sum := sha256.Sum256(fmt.Appendf(text, "%d/%d", k.lane, k.n))
	id := event.ID(sum[:16])
	id[6], id[8] = id[6]&0x0f|0x70, id[8]&0x3f|0x80 // the form of a version 7 UUID
	return id
}

// publish publishes in each lane from the number in args on: the seed, then one
// for each lane. It prints what was acknowledged, after it was.
func publish(ctx context.Context, b bus.Bus, args []string) error {
	numbers := make([]uint64, 1+lanes)
	for i := range numbers {
		n, err := strconv.ParseUint(args[i], 10, 64)
		if err != nil {
			return err
		}
		numbers[i] = n
	}
	var tasks sync.WaitGroup
	var out sync.Mutex
	for lane := range lanes {
		tasks.Go(func() {
			for n := int(numbers[1+lane]); ctx.Err() == nil; n++ {
				k := number{lane, n}
				r, err := untilAcknowledged(ctx, b, eventOf(numbers[0], k))
				if err != nil {
					return
				}
				out.Lock()
				fmt.Println("acknowledged", k.lane, k.n, r.Sequence, r.Duplicate)
				out.Unlock()
				time.Sleep(pace)
			}
		})
	}
	tasks.Wait()
	return nil
}

// untilAcknowledged is what a careful publisher does.
func untilAcknowledged(ctx context.Context, b bus.Bus, e event.Event) (bus.Receipt, error) {
	for {
		patient, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience) // what was begun is brought to its end
		r, err := b.Publish(patient, subject, e)
		cancel()
		if err == nil || ctx.Err() != nil {
			return r, err
		}
		time.Sleep(retry)
	}
}

// consume prints each delivery and then acknowledges it.
func consume(ctx context.Context, b bus.Bus) error {
	s, err := b.Subscribe(ctx, event.Filter(subject), &bus.Options{
		Class: bus.Durable, Name: reader, Start: bus.StartAll, AckWait: ackWait, MaxDeliver: attempts,
	})
	for err != nil {
		if ctx.Err() != nil {
			return nil
		}
		time.Sleep(retry)
		s, err = b.Subscribe(ctx, event.Filter(subject), &bus.Options{
			Class: bus.Durable, Name: reader, Start: bus.StartAll, AckWait: ackWait, MaxDeliver: attempts,
		})
	}
	for {
		d, err := s.Next(ctx)
		if err != nil {
			return nil
		}
		k, err := numberOf(d.Event)
		if err != nil {
			return err
		}
		fmt.Println("delivered", k.lane, k.n, d.Event.ID, d.Attempt)
		_ = d.Ack(ctx) // one that is lost makes a duplicate
	}
}

func numberOf(e event.Event) (number, error) {
	var v struct{ Lane, N int }
	p, ok := e.Payload.(event.NodeStart)
	if !ok {
		return number{}, fmt.Errorf("an event of kind %s", e.Kind())
	}
	err := json.Unmarshal(p.InputState, &v)
	return number{v.Lane, v.N}, err
}

// lines calls f with the words of each line until r ends.
func lines(r io.Reader, f func([]string)) {
	s := bufio.NewScanner(r)
	for s.Scan() {
		f(strings.Fields(s.Text()))
	}
}

// silent is the log of processes whose connections are meant to be lost.
func silent() *slog.Logger { return slog.New(slog.DiscardHandler) }
