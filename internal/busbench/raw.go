package busbench

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"sync"

	"github.com/omninode-ai/onex/event"
)

// Channel returns a conduit that is a Go channel of events: the limit of every
// bus within a process.
func Channel() Conduit {
	return &channel{events: make(chan event.Event, inFlight), done: make(chan struct{})}
}

type channel struct {
	e      event.Event
	events chan event.Event
	done   chan struct{}
	once   sync.Once
}

func (c *channel) Send(context.Context) error {
	c.events <- c.e // has room for all that may be on its way
	return nil
}

func (c *channel) Flush() error { return nil }

func (c *channel) Receive(context.Context) error {
	select {
	case <-c.events:
		return nil
	case <-c.done:
		return net.ErrClosed
	}
}

func (c *channel) Close() error {
	c.once.Do(func() { close(c.done) })
	return nil
}

// bufferSize is that of the buffers of sockets, as the bus on a Unix socket has
// them.
const bufferSize = 64 << 10

// Relayed returns a conduit over two sockets with a relay between them, which reads
// frames and writes them: what a hub costs that does nothing else. The network
// is unix or tcp, the address as net.Listen wants it.
func Relayed(network, address string) (Conduit, error) {
	l, err := net.Listen(network, address)
	if err != nil {
		return nil, err
	}
	defer l.Close()
	source, in, err := pair(l)
	if err != nil {
		return nil, err
	}
	sink, out, err := pair(l)
	if err != nil {
		return nil, errors.Join(err, source.Close(), in.Close())
	}
	r := &relayed{
		conns: []net.Conn{source, in, sink, out},
		w:     bufio.NewWriterSize(source, bufferSize), r: bufio.NewReaderSize(sink, bufferSize),
	}
	r.tasks.Go(func() { relay(in, out) })
	return r, nil
}

// pair returns both ends of a new connection to l.
func pair(l net.Listener) (near, far net.Conn, err error) {
	near, err = net.Dial(l.Addr().Network(), l.Addr().String())
	if err != nil {
		return nil, nil, err
	}
	if far, err = l.Accept(); err != nil {
		return nil, nil, errors.Join(err, near.Close())
	}
	return near, far, nil
}

type relayed struct {
	conns []net.Conn
	w     *bufio.Writer
	r     *bufio.Reader
	frame [4 + EventSize]byte
	got   [EventSize]byte
	tasks sync.WaitGroup
}

func (r *relayed) Send(context.Context) error {
	binary.BigEndian.PutUint32(r.frame[:], EventSize)
	_, err := r.w.Write(r.frame[:])
	return err
}

func (r *relayed) Flush() error { return r.w.Flush() }

func (r *relayed) Receive(context.Context) error {
	var size [4]byte
	if _, err := io.ReadFull(r.r, size[:]); err != nil {
		return err
	}
	_, err := io.ReadFull(r.r, r.got[:])
	return err
}

func (r *relayed) Close() error {
	for _, c := range r.conns {
		_ = c.Close() // whoever reads ends by it
	}
	r.tasks.Wait()
	return nil
}

// relay copies frames, and writes when there is nothing more to read at once.
func relay(from io.Reader, to io.Writer) {
	r, w := bufio.NewReaderSize(from, bufferSize), bufio.NewWriterSize(to, bufferSize)
	for {
		size, err := r.Peek(4)
		if err != nil {
			return
		}
		frame, err := r.Peek(4 + int(binary.BigEndian.Uint32(size)))
		if err != nil {
			return
		}
		if _, err := w.Write(frame); err != nil {
			return
		}
		_, _ = r.Discard(len(frame)) // it was peeked
		if r.Buffered() < 4 && w.Flush() != nil {
			return
		}
	}
}
