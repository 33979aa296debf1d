package zmqbus

import (
	"encoding/binary"

	"github.com/omninode-ai/onex/bus"
)

// The header frame: version, epoch, sequence; integers are big-endian.
const (
	headerVersion = 1
	headerSize    = 1 + 8 + 8
)

// A header numbers the events of one publisher on one topic: 1, 2, 3 … An epoch
// is a random number that stands for the publisher's memory of its numbers; with
// a new one they begin anew.
type header struct {
	epoch, sequence uint64
}

func (h header) appendTo(dst []byte) []byte {
	dst = binary.BigEndian.AppendUint64(append(dst, headerVersion), h.epoch)
	return binary.BigEndian.AppendUint64(dst, h.sequence)
}

// parseHeader reads a header. Later versions may be longer.
func parseHeader(data []byte) (header, error) {
	if len(data) < headerSize || data[0] < headerVersion {
		return header{}, bus.ErrMalformed.With("header frame of %d bytes", len(data))
	}
	return header{binary.BigEndian.Uint64(data[1:]), binary.BigEndian.Uint64(data[9:])}, nil
}

// Bounds of what is remembered of topics. Beyond them everything is forgotten:
// a gap of just then is not seen.
const (
	maxSequences = 4096
	maxStreams   = 16_384
)

// A stream is one publisher's events on one topic.
type stream struct {
	epoch uint64
	topic string
}

// streams find gaps in what is received. The zero value is ready.
type streams struct {
	last map[stream]seen
	news uint64 // events seen in all
}

// seen is the last event of a stream.
type seen struct {
	sequence uint64
	at       uint64 // streams.news then
}

// see notes an event. It returns how many before it are missing, and since when;
// late is true for an event that was seen before.
func (s *streams) see(topic string, h header) (missing, since uint64, late bool) {
	if s.last == nil || len(s.last) >= maxStreams {
		s.last = map[stream]seen{}
	}
	s.news++
	key := stream{h.epoch, topic}
	before, known := s.last[key]
	if known && h.sequence <= before.sequence {
		return 0, 0, true
	}
	s.last[key] = seen{h.sequence, s.news}
	if !known {
		return 0, 0, false
	}
	return h.sequence - before.sequence - 1, before.at, false
}

// forget drops what is remembered of topics that are no longer subscribed to,
// whose events are not missing.
func (s *streams) forget(covered func(topic string) bool) {
	for key := range s.last {
		if !covered(key.topic) {
			delete(s.last, key)
		}
	}
}
