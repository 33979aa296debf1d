package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
)

const (
	// patience bounds every wait; it is long because the machine may be busy.
	patience = 60 * time.Second

	// longestPeace bounds the random time between things being well and a kill.
	longestPeace = 20 * time.Millisecond

	poll = time.Millisecond
)

// The roles, in the order in which they are started.
var roles = []string{"server", "publisher", "consumer"}

// A torture is one run: three processes, and what they have said.
type torture struct {
	dir  string
	seed uint64
	rand *rand.Rand
	now  map[string]*process

	mu           sync.Mutex
	next         [lanes]int            // the first number that is not acknowledged
	acknowledged map[number]uint64     // its sequence in the store
	delivered    map[number]int        // how often
	wrong        []string              // what must not be
	health       map[string]bus.Health // of those who ended in order
	kills        map[string]int        // by role
	counts       struct{ again, resent, delivered int }
}

// A process is one of the roles, in one of its lives.
type process struct {
	cmd   *exec.Cmd
	stdin io.Closer
	read  sync.WaitGroup // until all that it said has been read
}

func newTorture(dir string, seed uint64) *torture {
	return &torture{
		dir: dir, seed: seed, rand: rand.New(rand.NewPCG(seed, seed)), now: map[string]*process{},
		acknowledged: map[number]uint64{}, delivered: map[number]int{},
		health: map[string]bus.Health{}, kills: map[string]int{},
	}
}

// start starts all.
func (t *torture) start() error {
	for _, role := range roles {
		if err := t.spawn(role); err != nil {
			return err
		}
	}
	return t.awaitProgress()
}

func (t *torture) spawn(role string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	args := []string{t.dir}
	if role == "publisher" {
		args = append(args, strconv.FormatUint(t.seed, 10))
		t.mu.Lock()
		for _, n := range t.next {
			args = append(args, strconv.Itoa(n))
		}
		t.mu.Unlock()
	}
	p := &process{cmd: exec.Command(self, args...)}
	p.cmd.Env = append(os.Environ(), roleVariable+"="+role)
	p.cmd.Stderr = os.Stderr
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		return err
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := p.cmd.Start(); err != nil {
		return err
	}
	t.now[role] = p
	p.read.Go(func() { lines(out, func(words []string) { t.hear(role, words) }) })
	return nil
}

// hear takes one line of a role. A line that was cut off by a kill says nothing.
func (t *torture) hear(role string, words []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case len(words) == 5 && words[0] == "acknowledged" && (words[4] == "true" || words[4] == "false"):
		k, sequence := parseNumber(words), parse(words[3])
		t.acknowledged[k] = uint64(sequence)
		t.next[k.lane] = max(t.next[k.lane], k.n+1)
		if words[4] == "true" {
			t.counts.resent++
		}
	case len(words) == 5 && words[0] == "delivered":
		k := parseNumber(words)
		if words[3] != idOf(t.seed, k).String() {
			t.wrong = append(t.wrong, fmt.Sprintf("event %v came with id %s, published was %s", k, words[3], idOf(t.seed, k)))
		}
		t.counts.delivered++
		if t.delivered[k]++; t.delivered[k] > 1 {
			t.counts.again++
		}
	case len(words) == 2 && words[0] == "health":
		var h bus.Health
		if err := json.Unmarshal([]byte(words[1]), &h); err == nil {
			t.health[role] = h
		}
	}
}

func parseNumber(words []string) number { return number{parse(words[1]), parse(words[2])} }

func parse(word string) int {
	n, err := strconv.Atoi(word)
	if err != nil {
		return -1 // no event has this number: it will be missing, and found
	}
	return n
}

// kill ends a role without a word and returns when all that it had said has been read.
func (t *torture) kill(role string) error {
	p := t.now[role]
	if err := p.cmd.Process.Kill(); err != nil {
		return fmt.Errorf("%s: %w", role, err)
	}
	p.read.Wait()
	_ = p.cmd.Wait() // says that it was killed
	t.kills[role]++
	return nil
}

// stop lets a role end in order.
func (t *torture) stop(role string) error {
	p := t.now[role]
	if err := p.stdin.Close(); err != nil {
		return err
	}
	p.read.Wait()
	delete(t.now, role)
	if err := p.cmd.Wait(); err != nil {
		return fmt.Errorf("%s: %w", role, err)
	}
	return nil
}

// killAtRandom kills any role, after some moments of peace, and starts it again.
func (t *torture) killAtRandom() error {
	role := roles[t.rand.IntN(len(roles))]
	time.Sleep(time.Duration(t.rand.Int64N(int64(longestPeace))))
	if err := t.kill(role); err != nil {
		return err
	}
	if err := t.spawn(role); err != nil {
		return err
	}
	return t.awaitProgress()
}

// takeAway kills the server and brings it back after a time.
func (t *torture) takeAway(away time.Duration) error {
	if err := t.kill("server"); err != nil {
		return err
	}
	time.Sleep(away)
	if err := t.spawn("server"); err != nil {
		return err
	}
	return t.awaitProgress()
}

// awaitProgress waits until something more was acknowledged, and delivered.
func (t *torture) awaitProgress() error {
	acknowledged, delivered := t.progress()
	return t.await("progress", func() bool {
		a, d := t.progress()
		return a > acknowledged && d > delivered
	})
}

// awaitLoad waits until all lanes are at work.
func (t *torture) awaitLoad() error {
	return t.await("load", func() bool {
		t.mu.Lock()
		defer t.mu.Unlock()
		return !slices.ContainsFunc(t.next[:], func(n int) bool { return n < 10 })
	})
}

func (t *torture) progress() (acknowledged, delivered int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.acknowledged), t.counts.delivered
}

func (t *torture) await(what string, done func() bool) error {
	for end := time.Now().Add(patience); !done(); time.Sleep(poll) {
		if time.Now().After(end) {
			a, d := t.progress()
			return fmt.Errorf("no %s in %v: %d acknowledged, %d delivered, kills %v", what, patience, a, d, t.kills)
		}
	}
	return nil
}

// missing returns how many acknowledged events were never delivered.
func (t *torture) missing() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := 0
	for k := range t.acknowledged {
		if t.delivered[k] == 0 {
			n++
		}
	}
	return n
}

// finish ends the publisher, waits until everything was delivered, and compares
// with what is in the store.
func (t *torture) finish() error {
	if err := t.stop("publisher"); err != nil {
		return err
	}
	arrived := t.await("end of what is missing", func() bool { return t.missing() == 0 })
	if err := errors.Join(arrived, t.readStore(), t.stop("consumer"), t.stop("server")); err != nil {
		return err
	}
	for _, w := range t.wrong {
		return errors.New(w)
	}
	return nil
}

// readStore reads all that is stored: every acknowledged event must be there, at
// its sequence, and none twice.
func (t *torture) readStore() error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	b, err := dial(ctx, t.dir)
	if err != nil {
		return err
	}
	defer b.Close(ctx)
	s, err := b.Subscribe(ctx, event.Filter(subject), &bus.Options{Class: bus.Durable, Start: bus.StartAll})
	if err != nil {
		return err
	}
	stored := map[number]uint64{}
	for left := len(t.acknowledged); left > 0; {
		d, err := s.Next(ctx)
		if err != nil {
			return fmt.Errorf("%d acknowledged events are not in the store: %w", left, err)
		}
		k, err := numberOf(d.Event)
		if err != nil {
			return err
		}
		if at, twice := stored[k]; twice && d.Attempt == 1 {
			return fmt.Errorf("event %v is stored twice, at %d and %d", k, at, d.Sequence)
		}
		stored[k] = d.Sequence
		if want, ok := t.acknowledged[k]; ok {
			left--
			if want != d.Sequence {
				return fmt.Errorf("event %v was acknowledged at %d and is stored at %d", k, want, d.Sequence)
			}
		}
		if err := d.Ack(ctx); err != nil {
			return err
		}
	}
	letters, err := b.DeadLetters(ctx, 1)
	if err == nil && len(letters) > 0 {
		err = fmt.Errorf("a dead letter: %+v", letters[0])
	}
	return err
}

// end kills what is left.
func (t *torture) end() {
	for _, p := range t.now {
		_ = p.cmd.Process.Kill() // it may have ended
		p.read.Wait()
		_ = p.cmd.Wait()
	}
}
