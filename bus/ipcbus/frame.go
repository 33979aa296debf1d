package ipcbus

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"

	"github.com/omninode-ai/onex/event"
)

// A kind says what a frame is.
type kind uint8

// The kinds, with their numbers on the wire; docs/ipc.md says what each means.
const (
	kindHello       kind = 1
	kindReady       kind = 2
	kindSubscribe   kind = 3
	kindUnsubscribe kind = 4
	kindEvent       kind = 5
	kindAck         kind = 6
	kindNack        kind = 7
	kindPing        kind = 8
	kindPong        kind = 9
	kindError       kind = 10
	kindBye         kind = 11
	kindCredit      kind = 12
	kindCancel      kind = 13
	kindCount       kind = 14
	kindRoutes      kind = 15
	kindDropped     kind = 16
	kindDead        kind = 17
	kindLast        kind = 18
	kindRedrive     kind = 19
	lastKind             = kindRedrive
)

func (k kind) String() string {
	names := [...]string{"", "HELLO", "READY", "SUBSCRIBE", "UNSUBSCRIBE", "EVENT", "ACK", "NACK", "PING", "PONG",
		"ERROR", "BYE", "CREDIT", "CANCEL", "COUNT", "ROUTES", "DROPPED", "DEAD", "LAST", "REDRIVE"}
	if k == 0 || k > lastKind {
		return "unknown"
	}
	return names[k]
}

// flags of a frame. Those that a version does not know are an error: a flag
// changes what a frame means.
type flags uint16

const (
	flagZstd      flags = 1 << 0 // the event's text is compressed
	flagConfirm   flags = 1 << 1 // EVENT to the hub: answer with ACK or NACK
	flagRetained  flags = 1 << 2 // EVENT: its class is retained
	flagDuplicate flags = 1 << 3 // ACK from the hub: the event was there already
	flagWait      flags = 1 << 4 // ACK from the hub: ask for confirmation each time, a subscriber blocks
	flagProgress  flags = 1 << 5 // ACK to the hub: still at work
	flagTerm      flags = 1 << 6 // NACK to the hub: give the event up
	knownFlags    flags = 1<<7 - 1
)

const (
	version    = 1
	headerSize = 16

	// maxBody bounds what follows a header: the largest event, and room for
	// its subject or, in a dead letter, its escaped form's wrapping.
	maxBody = event.MaxSize + 64<<10

	// readBuffer holds some hundred frames: a system call brings many.
	readBuffer = 64 << 10
)

// A frame is one message on the wire.
type frame struct {
	kind  kind
	flags flags
	ref   uint64 // of a subscription, a publication or a request
	body  []byte
}

// appendHeader appends the header of a frame with a body of n bytes.
func appendHeader(dst []byte, k kind, f flags, ref uint64, n int) []byte {
	dst = binary.BigEndian.AppendUint32(dst, uint32(headerSize-4+n))
	dst = append(dst, byte(k), version)
	dst = binary.BigEndian.AppendUint16(dst, uint16(f))
	return binary.BigEndian.AppendUint64(dst, ref)
}

func (f frame) appendTo(dst []byte) []byte {
	return append(appendHeader(dst, f.kind, f.flags, f.ref, len(f.body)), f.body...)
}

// A frameReader reads frames. A body is valid until the next call.
type frameReader struct {
	r     *bufio.Reader
	large []byte // for bodies that do not fit in r; kept for the next
}

func newFrameReader(r io.Reader) *frameReader {
	return &frameReader{r: bufio.NewReaderSize(r, readBuffer)}
}

// more reports whether the next frame can be read without waiting.
func (r *frameReader) more() bool {
	n := r.r.Buffered()
	if n < headerSize {
		return false
	}
	length, _ := r.r.Peek(4) // it is buffered
	return uint64(n) >= 4+uint64(binary.BigEndian.Uint32(length))
}

// next returns the next frame; io.EOF when the stream ends between frames, and
// [ErrFrame] when it is not one of frames. Nothing is allocated before its
// length has been checked.
func (r *frameReader) next() (frame, error) {
	header, err := r.r.Peek(headerSize)
	if err != nil {
		if len(header) == 0 || !errors.Is(err, io.EOF) {
			return frame{}, err
		}
		return frame{}, ErrFrame.With("the stream ends after %d bytes of a header", len(header))
	}
	f, n, err := parseHeader(header)
	if err != nil {
		return frame{}, err
	}
	_, _ = r.r.Discard(headerSize) // it was peeked
	f.body, err = r.body(n)
	return f, err
}

func (r *frameReader) body(n int) ([]byte, error) {
	var body []byte
	var err error
	if n <= readBuffer {
		if body, err = r.r.Peek(n); err == nil {
			_, _ = r.r.Discard(n)
			return body, nil
		}
	} else {
		if cap(r.large) < n {
			r.large = make([]byte, n)
		}
		body = r.large[:n]
		if _, err = io.ReadFull(r.r, body); err == nil {
			return body, nil
		}
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, ErrFrame.With("the stream ends in a body of %d bytes", n)
	}
	return nil, err
}

func parseHeader(h []byte) (frame, int, error) {
	length := binary.BigEndian.Uint32(h)
	f := frame{kind: kind(h[4]), flags: flags(binary.BigEndian.Uint16(h[6:])), ref: binary.BigEndian.Uint64(h[8:])}
	switch {
	case length < headerSize-4 || length > headerSize-4+maxBody:
		return f, 0, ErrFrame.With("length %d: want %d to %d", length, headerSize-4, headerSize-4+maxBody)
	case h[5] != version:
		return f, 0, ErrFrame.With("version %d: this side speaks %d", h[5], version)
	case f.kind == 0 || f.kind > lastKind:
		return f, 0, ErrFrame.With("kind %d: want 1 to %d", h[4], lastKind)
	case f.flags&^knownFlags != 0:
		return f, 0, ErrFrame.With("%s with flags %#x", f.kind, uint16(f.flags))
	}
	return f, int(length) - (headerSize - 4), nil
}
