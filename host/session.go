package host

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// Limits of the conversation with an mcp program.
const (
	mcpEnvelope = 64 << 10        // bytes of a message beyond the results: JSON-RPC, keys, metadata
	mcpQueue    = 64              // messages that wait to be written
	mcpWrite    = 5 * time.Second // beyond a call's time limit, for a program that reads no input
	mcpPing     = time.Second     // for a sign of life of a program that seems hung; any answer will do
	mcpNoise    = 100             // lines that are no messages, logged in one life; more are dropped
)

// A session is one life of an mcp program: its process, and a client for the
// part of JSON-RPC 2.0 that MCP's tools/list and tools/call need. The client of
// the official SDK insists on an initialize that the smallest servers lack.
type session struct {
	*process
	log     *slog.Logger
	timeout time.Duration // of a call; and silent for so long while it owes an answer, it is hung
	limit   int           // bytes of a line
	stdin   *os.File      // to the program
	stdout  *os.File      // from the program
	stderr  *lines        // the same; read it when done is closed
	queue   chan []byte   // lines to write
	over    chan struct{} // closed when nothing more can come, and nothing is left
	heard   atomic.Int64  // messages from the program
	updated func(uri string)
	manners manners // settled by greet, before any call

	mu      sync.Mutex
	next    int64
	waiting map[int64]*pending
	parked  map[string]*parkedCall // by the state that was given out
	err     error                  // why no answer can come any more
}

// open starts p and begins to read what it says.
func (p *program) open() (*session, error) {
	in, stdin, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer in.Close()
	stdout, out, err := os.Pipe()
	if err != nil {
		stdin.Close()
		return nil, err
	}
	defer out.Close()
	cmd, stderr := p.command(), &lines{log: p.log}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = in, out, stderr
	proc, err := start(cmd, p.guard, p.memory)
	if err != nil {
		stdin.Close()
		stdout.Close()
		return nil, p.notStarted(err)
	}
	proc.outlivesCalls()
	s := &session{
		process: proc, log: p.log, timeout: p.timeout, limit: 2*int(p.output) + mcpEnvelope,
		stdin: stdin, stdout: stdout, stderr: stderr, queue: make(chan []byte, mcpQueue), over: make(chan struct{}),
		waiting: map[int64]*pending{}, parked: map[string]*parkedCall{}, updated: p.updated,
	}
	go s.run()
	return s, nil
}

// run lives as long as the program does.
func (s *session) run() {
	var wg sync.WaitGroup
	wg.Go(s.write)
	wg.Go(func() { // whoever left the process group may hold the pipe open
		<-s.done
		_ = s.stdout.SetReadDeadline(time.Now().Add(pipeWait))
	})
	err := s.read()
	s.kill()
	<-s.done
	s.stderr.flush()
	if err == nil {
		err = ErrDied.With("%s", s.epitaph())
	}
	s.fail(err)
	s.stdin.Close()
	close(s.over)
	wg.Wait()
	s.stdout.Close()
}

// epitaph says how the program ended, and what it said last.
func (s *session) epitaph() string {
	if s.stderr.last == "" {
		return ended(s.process)
	}
	return ended(s.process) + ": " + brief(s.stderr.last)
}

// read hands answers to those who wait for them until no more can come. Its
// error is why it reads no further, nil when the program said no more.
func (s *session) read() error {
	lines := bufio.NewScanner(s.stdout)
	lines.Buffer(nil, s.limit)
	for noise := 0; lines.Scan(); {
		var m message
		line := bytes.TrimSpace(lines.Bytes())
		switch {
		case len(line) == 0:
		case json.Unmarshal(line, &m) == nil && m.Version == "2.0":
			s.heard.Add(1)
			s.take(m)
		default:
			if noise++; noise <= mcpNoise {
				s.log.Warn("the program's standard output holds a line that is no message", "line", excerpt(line))
			}
		}
	}
	if lines.Err() == bufio.ErrTooLong {
		return ErrOutputLimit.With("a message is longer than %d bytes", s.limit)
	}
	return nil
}

// take deals with one message from the program.
func (s *session) take(m message) {
	switch {
	case m.Method == "ping":
		s.post(message{ID: m.ID, Result: json.RawMessage("{}")})
	case m.Method != "" && len(m.ID) > 0:
		s.asked(m)
	case m.Method != "":
		s.told(m)
	default:
		id, _ := strconv.ParseInt(string(m.ID), 10, 64)
		if p := s.forget(id); p != nil {
			p.answer <- m
		}
	}
}

// write writes what is posted. A program that does not read any more for longer
// than a call may take is killed.
func (s *session) write() {
	for {
		select {
		case line := <-s.queue:
			_ = s.stdin.SetWriteDeadline(time.Now().Add(s.timeout + mcpWrite))
			if _, err := s.stdin.Write(line); err != nil {
				s.kill()
				return
			}
		case <-s.over:
			return
		}
	}
}

// fail wakes everybody who waits.
func (s *session) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
	for id, p := range s.waiting {
		delete(s.waiting, id)
		close(p.answer)
	}
	for state, p := range s.parked {
		delete(s.parked, state)
		p.timer.Stop()
	}
}

// ask sends a request and waits for its answer. Its error is that of the
// conversation, that of ctx, or an *rpcError.
func (s *session) ask(ctx context.Context, method string, params any) (json.RawMessage, error) {
	id, p, err := s.expect(nil)
	if err != nil {
		return nil, err
	}
	if err := s.send(ctx, id, method, params); err != nil {
		return nil, err
	}
	select {
	case a, ok := <-p.answer:
		return s.answered(a, ok)
	case <-ctx.Done():
		s.abandon(id)
		return nil, context.Cause(ctx)
	}
}

// send sends the request for which the answer to id is expected.
func (s *session) send(ctx context.Context, id int64, method string, params any) error {
	m, err := newRequest(id, method, params)
	if err != nil {
		s.forget(id)
		return err
	}
	select {
	case s.queue <- line(m):
		return nil
	case <-s.over:
		return s.cause()
	case <-ctx.Done():
		s.forget(id)
		return context.Cause(ctx)
	}
}

// suspect begins to watch for a sign of life. A program that has given none when
// the time limit of a call is over is asked for one, and then killed.
func (s *session) suspect() *time.Timer {
	heard := s.heard.Load()
	silent := func() bool { return s.heard.Load() == heard }
	return time.AfterFunc(s.timeout, func() {
		if !silent() {
			return
		}
		s.ping()
		time.AfterFunc(mcpPing, func() {
			if silent() {
				s.log.Error("the program says nothing and is killed", "limit", s.timeout)
				s.kill()
			}
		})
	})
}

func (s *session) ping() { s.post(message{ID: json.RawMessage("0"), Method: "ping"}) }

func (s *session) answered(a message, ok bool) (json.RawMessage, error) {
	switch {
	case !ok:
		return nil, s.cause()
	case a.Error != nil:
		return nil, a.Error
	}
	return a.Result, nil
}

// A pending request waits for its answer.
type pending struct {
	answer chan message
	asks   chan message // what the program asks meanwhile
	with   *dialogue    // with the caller; nil for a request of our own
}

// expect makes a place for the answer to a new request.
func (s *session) expect(with *dialogue) (int64, *pending, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return 0, nil, notRun{ErrDown.Wrap(s.err, "nothing was sent")}
	}
	s.next++
	p := &pending{answer: make(chan message, 1), asks: make(chan message, mcpAsks), with: with}
	s.waiting[s.next] = p
	return s.next, p, nil
}

// forget gives up the place of an answer and returns it.
func (s *session) forget(id int64) *pending {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.waiting[id]
	delete(s.waiting, id)
	return p
}

func (s *session) cause() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// abandon tells the program that nobody waits for an answer any more, and asks
// for a sign of life.
func (s *session) abandon(id int64) {
	s.forget(id)
	s.notify("notifications/cancelled", map[string]int64{"requestId": id})
	s.ping()
}

func (s *session) notify(method string, params any) {
	if raw, err := json.Marshal(params); err == nil {
		s.post(message{Method: method, Params: raw})
	}
}

// post sends what may get lost: when the program reads nothing, it hears no
// notification either.
func (s *session) post(m message) {
	select {
	case s.queue <- line(m):
	default:
	}
}

// close asks the program to end by closing its standard input, kills it when it
// has not ended in time, and waits until nothing is left.
func (s *session) close(grace time.Duration) {
	s.stdin.Close()
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-s.done:
	case <-timer.C:
		s.kill()
	}
	<-s.over
}
