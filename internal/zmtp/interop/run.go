package interop

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/omninode-ai/onex/internal/zmtp"
)

// bodySize is the length of a message's second frame.
const bodySize = 100

// heartbeat of libzmq, in milliseconds.
const heartbeat = 200

// ErrLost says that a connection ended before all messages had arrived. What was
// on its way is lost then, as always in ZeroMQ: nobody would send it again.
var ErrLost = errors.New("the connection was lost")

// Run sends count messages, and fails when ctx ends before all have arrived, or
// with [ErrLost] at once.
func (m Meeting) Run(ctx context.Context, peers Peers, count int) (Result, error) {
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	w := &watch{began: time.Now(), end: end}
	r, err := m.run(ctx, peers, count, w)
	if cause := context.Cause(ctx); err != nil && cause != nil {
		return r, errors.Join(cause, err)
	}
	return r, err
}

// A watch ends a meeting whose connection is lost.
type watch struct {
	began time.Time
	end   context.CancelCauseFunc
	over  atomic.Bool // all has arrived: connections may end
}

func (w *watch) monitor(e zmtp.Event) {
	if e.What == zmtp.Disconnected && !w.over.Load() {
		w.end(fmt.Errorf("%w after %v: %v", ErrLost, time.Since(w.began).Round(time.Millisecond), e.Err))
	}
}

func (m Meeting) run(ctx context.Context, peers Peers, count int, w *watch) (r Result, err error) {
	dir, err := os.MkdirTemp("", "zi")
	if err != nil {
		return r, err
	}
	defer os.RemoveAll(dir)
	theirs, keys, ours, err := m.secure()
	if err != nil {
		return r, err
	}
	s, err := m.open(ours, w.monitor)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, s.Close(context.WithoutCancel(ctx))) }()
	role, side, where := "pub", "bind", "tcp://127.0.0.1:*"
	if m.WePublish {
		role = "sub"
	}
	if m.Transport == "ipc" {
		where = "ipc://" + filepath.Join(dir, "z")
	}
	if m.WeBind {
		side = "connect"
		if where, err = s.Bind(ctx, where); err != nil {
			return r, err
		}
	}
	beat := "0"
	if m.Heartbeat {
		beat = strconv.Itoa(heartbeat)
	}
	p, err := Start(ctx, peers[m.Peer], role, side, where, strconv.Itoa(count), strconv.Itoa(bodySize), theirs, keys, beat)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, p.End()) }()
	if !m.WeBind {
		if err := s.Connect(p.Where); err != nil {
			return r, err
		}
	}
	if m.WePublish {
		r, err = publish(ctx, s, p, count)
	} else {
		r, err = receive(ctx, s, count)
	}
	w.over.Store(err == nil)
	return r, err
}

func (m Meeting) open(security zmtp.Mechanism, monitor func(zmtp.Event)) (*zmtp.Socket, error) {
	// Ours are few, so that those of libzmq decide.
	o := &zmtp.Options{Security: security, Policy: zmtp.Block, Heartbeat: time.Minute, Monitor: monitor}
	if m.WePublish {
		return zmtp.New(zmtp.XPUB, o)
	}
	o.Policy = ""
	s, err := zmtp.New(zmtp.SUB, o)
	if err != nil {
		return nil, err
	}
	return s, s.Subscribe("t.")
}

// secure returns the mechanism of either side.
func (m Meeting) secure() (theirs, keys string, ours zmtp.Mechanism, err error) {
	server, err := zmtp.NewKeyPair()
	if err != nil {
		return "", "", nil, err
	}
	client, err := zmtp.NewKeyPair()
	if err != nil {
		return "", "", nil, err
	}
	plain, err := zmtp.PlainClient("admin", "secret")
	switch {
	case m.Mechanism == "plain" && m.WePublish:
		return "plain-client", "", zmtp.PlainServer(zmtp.OneUser("admin", "secret")), err
	case m.Mechanism == "plain":
		return "plain-server", "", plain, err
	case m.Mechanism == "curve" && m.WePublish:
		return "curve-client", fmt.Sprint(client.Public, " ", client.Secret, " ", server.Public), zmtp.CurveServer(server, zmtp.Keys(client.Public)), err
	case m.Mechanism == "curve":
		return "curve-server", fmt.Sprint(server.Public, " ", server.Secret, " ", client.Public), zmtp.CurveClient(client, server.Public), err
	}
	return "null", "", zmtp.Null(), err
}

// publish sends, and asks the peer what came.
func publish(ctx context.Context, s *zmtp.Socket, p *Process, count int) (r Result, err error) {
	if _, err := s.Receive(ctx); err != nil { // the subscription
		return r, err
	}
	began := time.Now()
	body := bytes.Repeat([]byte("x"), bodySize)
	var topic []byte
	for i := range count {
		topic = strconv.AppendInt(append(topic[:0], "t."...), int64(i), 10)
		if err := s.Send(ctx, zmtp.Message{topic, body}); err != nil {
			return r, err
		}
	}
	line, err := p.Line()
	if err != nil {
		return r, err
	}
	r.Took = time.Since(began)
	_, err = fmt.Sscanf(line, "received %d %d %d", &r.Count, &r.Disordered, &r.Damaged)
	return r, err
}

func receive(ctx context.Context, s *zmtp.Socket, count int) (r Result, err error) {
	body := bytes.Repeat([]byte("x"), bodySize)
	var want []byte
	var began time.Time
	for i := range count {
		m, err := s.Receive(ctx)
		if err != nil {
			return r, fmt.Errorf("after %d messages: %w", i, err)
		}
		if i == 0 {
			began = time.Now()
		}
		want = strconv.AppendInt(append(want[:0], "t."...), int64(i), 10)
		r.Count++
		if !bytes.Equal(m[0], want) {
			r.Disordered++
		}
		if len(m) != 2 || !bytes.Equal(m[1], body) {
			r.Damaged++
		}
	}
	r.Took = time.Since(began)
	return r, nil
}

// A Process is a running peer.
type Process struct {
	Where string // its endpoint

	cmd        *exec.Cmd
	in         io.Closer
	lines      *bufio.Scanner
	complaints bytes.Buffer // complete when it has ended
}

// Start waits until the peer is ready; peers/peer.py says what its arguments are. The
// context ends it.
func Start(ctx context.Context, command []string, args ...string) (*Process, error) {
	cmd := exec.CommandContext(ctx, command[0], append(command[1:len(command):len(command)], args...)...)
	p := &Process{cmd: cmd}
	cmd.Stderr = &p.complaints
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p.in, p.lines = in, bufio.NewScanner(out)
	line, err := p.Line()
	if err == nil {
		_, err = fmt.Sscanf(line, "ready %s", &p.Where)
	}
	if err != nil {
		return nil, errors.Join(err, p.End())
	}
	return p, nil
}

// Line waits for the next line that the peer prints.
func (p *Process) Line() (string, error) {
	if !p.lines.Scan() {
		return "", errors.Join(errors.New("the peer has ended"), p.lines.Err())
	}
	return p.lines.Text(), nil
}

// End closes the peer's input, which ends it.
func (p *Process) End() error {
	_ = p.in.Close()
	for p.lines.Scan() { // its output ends with it
	}
	if err := p.cmd.Wait(); err != nil {
		return fmt.Errorf("the peer: %w\n%s", err, p.complaints.String())
	}
	return nil
}
