package event

import (
	"math/rand/v2"
	"sync/atomic"
	"time"
)

// An ID is a UUID that names an event, a correlation or a lease. The zero ID
// means none; it is omitted from JSON by omitzero.
type ID [16]byte

// lastID is the time part of the newest ID of this process, in units of
// 1/4096 ms. It is the one variable of this package that changes: without it
// two IDs made within one clock tick would have no order.
var lastID atomic.Uint64

// NewID returns a UUIDv7 (RFC 9562, method 3: twelve bits of sub-millisecond
// time) that is greater than every ID this process made before. It is unique,
// not secret.
func NewID() ID {
	t := nextTick(time.Now())
	ms, sub, random := t>>12, t&0xfff, rand.Uint64()
	return ID{
		byte(ms >> 40), byte(ms >> 32), byte(ms >> 24), byte(ms >> 16), byte(ms >> 8), byte(ms),
		0x70 | byte(sub>>8), byte(sub),
		0x80 | byte(random>>56)&0x3f, byte(random >> 48), byte(random >> 40), byte(random >> 32),
		byte(random >> 24), byte(random >> 16), byte(random >> 8), byte(random),
	}
}

// nextTick returns now in ticks of 1/4096 ms, or the tick after the last one
// given when the clock has not moved on (or has moved back).
func nextTick(now time.Time) uint64 {
	ns := uint64(now.UnixNano())
	tick := ns/1e6<<12 | ns%1e6<<12/1e6
	for {
		last := lastID.Load()
		next := max(tick, last+1)
		if lastID.CompareAndSwap(last, next) {
			return next
		}
	}
}

// ParseID reads the canonical text of a UUID, 36 characters with hyphens; hex
// digits may be upper case.
func ParseID(s string) (ID, error) {
	id, ok := parseID(s)
	if !ok {
		return ID{}, ErrInvalidID.With("%q", clip(s))
	}
	return id, nil
}

func parseID(s string) (id ID, ok bool) {
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return ID{}, false
	}
	at := 0
	for i := range id {
		if s[at] == '-' {
			at++
		}
		hi, lo := unhex(s[at]), unhex(s[at+1])
		if hi > 15 || lo > 15 {
			return ID{}, false
		}
		id[i] = hi<<4 | lo
		at += 2
	}
	return id, true
}

// unhex returns the value of a hex digit, or 255.
func unhex(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10
	}
	return 255
}

// IsZero reports whether id is none.
func (id ID) IsZero() bool { return id == ID{} }

// String returns the canonical text of id, also of the zero ID.
func (id ID) String() string { return string(id.append(nil)) }

// append appends the canonical text of id.
func (id ID) append(dst []byte) []byte {
	const digits = "0123456789abcdef"
	text := [36]byte{8: '-', 13: '-', 18: '-', 23: '-'}
	for i, at := range [...]uint8{0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34} {
		text[at], text[at+1] = digits[id[i]>>4], digits[id[i]&15]
	}
	return append(dst, text[:]...)
}

// MarshalText returns the canonical text, and nothing for the zero ID.
func (id ID) MarshalText() ([]byte, error) {
	if id.IsZero() {
		return []byte{}, nil
	}
	return id.append(nil), nil
}

// UnmarshalText reads what MarshalText writes.
func (id *ID) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*id = ID{}
		return nil
	}
	read, err := ParseID(string(text))
	if err == nil {
		*id = read
	}
	return err
}
