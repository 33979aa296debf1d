package zmtp

import (
	"encoding/binary"
	"errors"
	"io"
)

// Flags of a frame (RFC 23, framing).
const (
	flagMore    = 1
	flagLong    = 2
	flagCommand = 4
)

// shortMost is the longest body that a frame with a length of one byte has.
const shortMost = 255

// slabSize is how much is read at once. Messages share a slab: a thousand small
// ones cost a handful of allocations.
const slabSize = 128 << 10

// growStep is what is allocated for a frame longer than a slab before its bytes
// have arrived; after that the buffer doubles. Announcing gigabytes is cheap,
// sending them is not.
const growStep = 1 << 20

// appendFrame appends a frame to dst.
func appendFrame(dst []byte, flags byte, body []byte) []byte {
	return append(appendHeader(dst, flags, len(body)), body...)
}

func appendHeader(dst []byte, flags byte, size int) []byte {
	if size <= shortMost {
		return append(dst, flags, byte(size))
	}
	return binary.BigEndian.AppendUint64(append(dst, flags|flagLong), uint64(size))
}

// appendMessage appends the frames of m to dst.
func appendMessage(dst []byte, m Message) []byte {
	for i, f := range m {
		var flags byte
		if i < len(m)-1 {
			flags = flagMore
		}
		dst = appendFrame(dst, flags, f)
	}
	return dst
}

// cutFrame returns the first frame of data and what follows it; ok is false
// when data does not hold a whole one. Callers have checked the size.
func cutFrame(data []byte) (flags byte, body, rest []byte, ok bool) {
	flags, size, header, err := parseHeader(data)
	if err != nil || header == 0 || size > uint64(len(data)-header) {
		return 0, nil, data, false
	}
	end := header + int(size)
	return flags, data[header:end:end], data[end:], true
}

// parseHeader reads the header of a frame; its length is 0 when data is too
// short to tell.
func parseHeader(data []byte) (flags byte, size uint64, header int, err error) {
	if len(data) == 0 {
		return 0, 0, 0, nil
	}
	flags = data[0]
	if flags&^(flagMore|flagLong|flagCommand) != 0 || flags&(flagCommand|flagMore) == flagCommand|flagMore {
		return 0, 0, 0, ErrProtocol.With("frame flags 0x%02x", flags)
	}
	switch {
	case flags&flagLong == 0 && len(data) >= 2:
		return flags, uint64(data[1]), 2, nil
	case flags&flagLong != 0 && len(data) >= 9:
		return flags &^ flagLong, binary.BigEndian.Uint64(data[1:]), 9, nil
	}
	return 0, 0, 0, nil
}

// A reader cuts a stream into frames. The bodies it returns are never written
// to again, so that they may be kept; small ones share memory.
type reader struct {
	src   io.Reader
	limit int // of a frame's body

	buf        []byte
	start, end int // buf[start:end] has been read and not been cut
}

// next waits for a whole frame.
func (r *reader) next() (flags byte, body []byte, err error) {
	for {
		flags, body, ok, err := r.cut()
		if ok || err != nil {
			return flags, body, err
		}
		if err := r.fill(); err != nil {
			return 0, nil, err
		}
	}
}

// cut returns the next frame if it has been read already.
func (r *reader) cut() (flags byte, body []byte, ok bool, err error) {
	data := r.buf[r.start:r.end]
	flags, size, header, err := parseHeader(data)
	switch {
	case err != nil || header == 0:
		return 0, nil, false, err
	case size > uint64(r.limit):
		return 0, nil, false, ErrTooLarge.With("frame of %d bytes, limit %d", size, r.limit)
	case size > uint64(len(data)-header):
		return 0, nil, false, nil
	}
	end := header + int(size)
	r.start += end
	return flags, data[header:end:end], true, nil
}

// fill reads once, into what is left of the slab or a new one.
func (r *reader) fill() error {
	if len(r.buf)-r.end < slabSize/8 {
		r.renew()
	}
	n, err := r.src.Read(r.buf[r.end:])
	r.end += n
	if n > 0 {
		return nil
	}
	if err == nil {
		return nil // allowed by io.Reader, if discouraged
	}
	if errors.Is(err, io.EOF) && r.end > r.start {
		return io.ErrUnexpectedEOF
	}
	return err
}

// renew moves what has not been cut to a new slab. The old one belongs to those
// who hold its frames.
func (r *reader) renew() {
	have := r.end - r.start
	size := slabSize
	if have > slabSize/2 {
		size = have + min(have, growStep)
	}
	if _, frame, header, _ := parseHeader(r.buf[r.start:r.end]); header > 0 && frame <= uint64(r.limit) {
		// One allocation when most of the frame is here, steps when it is not.
		size = max(size, min(header+int(frame)+slabSize/8, max(growStep, 2*have)))
	}
	buf := make([]byte, size)
	copy(buf, r.buf[r.start:r.end])
	r.buf, r.start, r.end = buf, 0, have
}

// exactly waits for n bytes that are not a frame: the greeting.
func (r *reader) exactly(n int) ([]byte, error) {
	for r.end-r.start < n {
		if err := r.fill(); err != nil {
			return nil, err
		}
	}
	data := r.buf[r.start : r.start+n]
	r.start += n
	return data, nil
}
