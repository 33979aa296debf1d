package host

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/omninode-ai/onex/node"
)

// How an mcp program that ended is started again.
const (
	restartFirst  = 100 * time.Millisecond // wait before the first restart; doubles with each
	restartMost   = 2 * time.Second        // longest wait
	restartBudget = 8                      // restarts within restartWindow; after one more it is given up
	restartWindow = time.Minute            // a program that lived so long begins with a clean record
	closeGrace    = 2 * time.Second        // to end by itself when its standard input is closed
)

// A child is an mcp program that is kept alive.
type child struct {
	*program
	cancel  context.CancelFunc
	gaveUp  chan struct{} // closed when it is not started again
	changed chan struct{} // a token: it ended, or was started again
	done    chan struct{} // closed when the supervision has ended

	mu      sync.Mutex
	lives   uint64   // that it began
	session *session // nil while the program is down
	why     error    // it went down last
	how     string   // the same in words
}

// supervise starts p, waits until it offers its tools, and keeps it alive until
// close. ctx bounds the start only.
func supervise(ctx context.Context, p *program) (*child, []offer, error) {
	s, offers, err := p.begin(ctx)
	if err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	c := &child{program: p, cancel: cancel, gaveUp: make(chan struct{}), changed: make(chan struct{}, 1), done: make(chan struct{}), session: s, lives: 1}
	go c.keep(ctx, s)
	return c, offers, nil
}

// begin starts the program and asks what it offers.
func (p *program) begin(ctx context.Context) (*session, []offer, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, mcpStart, ErrTimeout.With("the program did not list its tools, limit %s", mcpStart))
	defer cancel()
	s, err := p.open()
	if err != nil {
		return nil, nil, err
	}
	s.greet(ctx, p.protocol)
	offers, err := s.offers(ctx)
	if err != nil {
		s.kill()
		<-s.over
		return nil, nil, err
	}
	return s, offers, nil
}

// keep starts the program again whenever it ended, until ctx ends or its budget
// is used up.
func (c *child) keep(ctx context.Context, s *session) {
	defer close(c.done)
	for failures, began := 0, time.Now(); ; began = time.Now() {
		select {
		case <-s.over:
			c.note(s.cause(), s.epitaph())
			c.set(nil)
			c.log.Warn("the program ended", "how", ended(s.process), "restarts", failures)
		case <-ctx.Done():
			c.set(nil)
			s.close(closeGrace)
			return
		}
		if time.Since(began) > restartWindow {
			failures = 0
		}
		if s, failures = c.restart(ctx, failures); s == nil {
			return
		}
		c.set(s)
	}
}

// restart starts the program again after a wait, as often as the budget allows.
// It returns nil when that, or ctx, is at its end.
func (c *child) restart(ctx context.Context, failures int) (*session, int) {
	for ; failures < restartBudget; failures++ {
		select {
		case <-time.After(min(restartFirst<<failures, restartMost)):
		case <-ctx.Done():
			return nil, failures
		}
		s, _, err := c.begin(ctx)
		if err == nil {
			return s, failures + 1
		}
		c.note(err, err.Error())
		c.log.Warn("the program cannot be started again", "error", err, "restarts", failures+1)
	}
	if ctx.Err() == nil {
		c.log.Error("the program is given up", "restarts", failures)
		close(c.gaveUp)
	}
	return nil, failures
}

func (c *child) set(s *session) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.session = s
	if s != nil {
		c.lives++
	}
	select {
	case c.changed <- struct{}{}:
	default:
	}
}

// state returns whether the program runs, and how many lives it had.
func (c *child) state() (up bool, lives uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.session != nil, c.lives
}

// note remembers why the program is down, as an error and in words.
func (c *child) note(err error, how string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.why, c.how = err, how
}

// epitaph says how the program ended last.
func (c *child) epitaph() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.how
}

// reason returns why the program went down last.
func (c *child) reason() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.why
}

// current returns the running program, or nil.
func (c *child) current() *session {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.session
}

// close ends the program and waits until nothing is left of it.
func (c *child) close() {
	c.cancel()
	<-c.done
}

// tool returns what runs the tool that the program calls name. structured says
// that its result has a form of its own.
func (c *child) tool(name string, structured bool) runner {
	return func(ctx context.Context, args json.RawMessage) (node.Result, json.RawMessage, error) {
		s := c.current()
		if s == nil {
			return "", nil, notRun{ErrDown.With("tool %q", name)}
		}
		raw, err := s.converse(ctx, "tools/call", map[string]any{"name": name, "arguments": args})
		if err != nil {
			return "", nil, err
		}
		var a answer
		if err := json.Unmarshal(raw, &a); err != nil {
			return "", nil, ErrProtocol.Wrap(err, "tools/call answered %s", excerpt(raw))
		}
		result, err := a.result(structured)
		if err == nil && int64(len(result)) > c.output {
			err = ErrOutputLimit.With("tool %q, %d bytes, limit %d", name, len(result), c.output)
		}
		return node.Success, result, err
	}
}
