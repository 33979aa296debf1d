package bus

import (
	"strings"
	"time"

	"github.com/omninode-ai/onex/event"
)

// Complete returns o with the defaults filled in, or [ErrOptions] naming the
// field that is wrong, or [ErrUnsupported]. A nil o is the zero value. Backends
// call it first in Subscribe.
func (o *Options) Complete() (Options, error) {
	var c Options
	if o != nil {
		c = *o
	}
	setDefault(&c.Class, Ephemeral)
	setDefault(&c.Queue, DefaultQueue)
	if c.Queue < 1 || c.Queue > MaxQueue {
		return c, ErrOptions.With("queue %d: want 1 to %d", c.Queue, MaxQueue)
	}
	if !validName(c.Name) || !validName(c.Group) {
		return c, ErrOptions.With("name %q, group %q: want letters, digits, _ and -, at most %d", c.Name, c.Group, maxName)
	}
	switch c.Class {
	case Ephemeral:
		return c.completeEphemeral()
	case Durable, Retained:
		return c.completeDurable()
	}
	return c, ErrOptions.With("class %q: want %s, %s or %s", c.Class, Ephemeral, Durable, Retained)
}

func (o Options) completeEphemeral() (Options, error) {
	setDefault(&o.Policy, DropOldest)
	setDefault(&o.Start, StartNew)
	switch o.Policy {
	case Block, DropOldest, DropNewest:
	default:
		return o, ErrOptions.With("policy %q: want %s, %s or %s", o.Policy, Block, DropOldest, DropNewest)
	}
	if o.Start != StartNew {
		return o, ErrUnsupported.With("start %q with class %s", o.Start, o.Class)
	}
	if o.Name != "" {
		return o, ErrUnsupported.With("name %q with class %s", o.Name, o.Class)
	}
	return o, nil
}

func (o Options) completeDurable() (Options, error) {
	setDefault(&o.Policy, Block)
	setDefault(&o.Start, StartNew)
	setDefault(&o.AckWait, DefaultAckWait)
	setDefault(&o.MaxDeliver, DefaultMaxDeliver)
	if o.Policy != Block {
		return o, ErrUnsupported.With("policy %q with class %s: what does not fit the queue stays in the store", o.Policy, o.Class)
	}
	if o.AckWait < 0 || o.MaxDeliver < 1 {
		return o, ErrOptions.With("ack wait %v, max deliver %d: want positive values", o.AckWait, o.MaxDeliver)
	}
	for _, d := range o.Backoff {
		if d < 0 {
			return o, ErrOptions.With("backoff %v: want no negative time", d)
		}
	}
	return o, o.checkStart()
}

func (o Options) checkStart() error {
	switch o.Start {
	case StartNew, StartAll, StartLast:
	case StartTime:
		if o.Since.IsZero() {
			return ErrOptions.With("start %q without a time in Since", o.Start)
		}
	case StartSeq:
		if o.Sequence == 0 {
			return ErrOptions.With("start %q without a Sequence", o.Start)
		}
	default:
		return ErrOptions.With("start %q: want %s, %s, %s, %s or %s",
			o.Start, StartNew, StartAll, StartTime, StartSeq, StartLast)
	}
	return nil
}

// Wait returns the time before attempt n+1 after attempt n was nacked.
func (o *Options) Wait(n int) time.Duration {
	if len(o.Backoff) == 0 || n < 1 {
		return 0
	}
	return o.Backoff[min(n, len(o.Backoff))-1]
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// maxName bounds names and groups: they become names of consumers in stores.
const maxName = 128

func validName(s string) bool {
	if len(s) > maxName {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '_' || r == '-')
	})
}

// checkFilter refuses what no subject can match.
func checkFilter(f event.Filter) error {
	if _, err := event.ParseFilter(string(f)); err != nil {
		return err
	}
	return nil
}
