package bus

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
)

// A Happening is something that a [Journal] keeps.
type Happening string

// The happenings. Events that come and go are counted, not kept here.
const (
	HappenedDisconnect Happening = "disconnect"
	HappenedReconnect  Happening = "reconnect"
	HappenedSendError  Happening = "send_error"
	HappenedError      Happening = "error" // of a call that was not Publish, of a handler, of what was received
	HappenedDrop       Happening = "drop"
	HappenedDeadLetter Happening = "dead_letter"
	HappenedUnheard    Happening = "unheard"

	// These are counted in one note each, wherever it is in the journal: they
	// must not push out what went wrong.
	HappenedRetry        Happening = "retry"
	HappenedBackpressure Happening = "backpressure"
	HappenedSlow         Happening = "slow"
)

// Bounds of a Journal.
const (
	// journalNotes is how many notes a Journal keeps; the oldest goes. Repeated
	// ones are one note, so that this is a story and not the last second.
	journalNotes = 128

	// maxUnheard bounds the subjects that are remembered as told to be unheard.
	maxUnheard = 1024
)

// A Note is one entry of a [Journal].
type Note struct {
	What    Happening
	Subject event.Subject // of what was sent, if it is about that
	Reason  Reason        // of drops
	Letter  *DeadLetter   // the last one, of dead letters
	Error   fault.Report
	Count   uint64 // how often, if several were the same one after the other

	Event        event.ID      // of retries
	Attempt      int           // of retries
	Subscriber   string        // of retries, and who is slow
	Filter       event.Filter  // of who is slow
	Depth, Limit int           // of a queue that is full, or slow
	Wait         time.Duration // that publishers lost, in all; age of the oldest event in a slow queue
	First        time.Time
	Last         time.Time

	id     uint64 // serial when it was new
	serial uint64 // grows with each change of the journal
}

// String writes the note on one line.
func (n Note) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", n.Last.Format("15:04:05.000"), n.What)
	if n.Subject != "" {
		fmt.Fprintf(&b, " %s", n.Subject)
	}
	if l := n.Letter; l != nil {
		fmt.Fprintf(&b, " of %s after %d: %s", l.Consumer, l.Attempts, l.Reason)
	}
	if n.Subscriber != "" {
		fmt.Fprintf(&b, " %s", n.Subscriber)
	}
	if n.Limit > 0 {
		fmt.Fprintf(&b, " %d of %d", n.Depth, n.Limit)
	}
	if n.Wait > 0 {
		fmt.Fprintf(&b, " %v", n.Wait)
	}
	if n.Reason != "" {
		fmt.Fprintf(&b, " %s", n.Reason)
	}
	if n.Error.Message != "" {
		fmt.Fprintf(&b, ": %s (%s)", n.Error.Message, n.Error.Code)
	}
	if n.Count > 1 {
		fmt.Fprintf(&b, " ×%d", n.Count)
	}
	return b.String()
}

// A Journal keeps what went wrong, and what came back, on one bus of one process:
// for whoever asks why, and for [Attend], which tells others. It is a part of
// the [Meter], bounded, and costs nothing while all is well.
type Journal struct {
	mu      sync.Mutex
	notes   []Note
	serial  uint64
	unheard map[event.Subject]bool
	wake    chan struct{} // a token for the attendant; nil while there is none
}

// Journaled is implemented by buses that have a journal.
type Journaled interface{ Journal() *Journal }

// JournalOf returns what b's journal holds, oldest first; nothing when it has
// none.
func JournalOf(b Bus) []Note {
	if j, ok := b.(Journaled); ok {
		return j.Journal().Notes()
	}
	return nil
}

// Notes returns what the journal holds, oldest first.
func (j *Journal) Notes() []Note { return j.since(0) }

// since returns the notes that changed after the serial.
func (j *Journal) since(serial uint64) []Note {
	j.mu.Lock()
	defer j.mu.Unlock()
	var out []Note
	for _, n := range j.notes {
		if n.serial > serial {
			out = append(out, n)
		}
	}
	return out
}

// add adds a note, or counts it when it repeats the last one.
func (j *Journal) add(n Note) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.serial++
	now := time.Now()
	if last := j.find(n); last != nil {
		last.repeat(n)
		last.Last, last.serial = now, j.serial
	} else {
		if len(j.notes) == journalNotes {
			j.notes = append(j.notes[:0], j.notes[1:]...)
		}
		n.First, n.Last, n.id, n.serial = now, now, j.serial, j.serial
		j.notes = append(j.notes, n)
	}
	if j.wake != nil {
		signal(j.wake)
	}
}

// find returns the note that n repeats, or nil. The caller holds mu.
func (j *Journal) find(n Note) *Note {
	for i := len(j.notes) - 1; i >= 0; i-- {
		if j.notes[i].same(n) {
			return &j.notes[i]
		}
		if !n.What.pressure() {
			break
		}
	}
	return nil
}

// pressure reports whether h is a sign of too much work, not of a failure.
func (h Happening) pressure() bool {
	return h == HappenedRetry || h == HappenedBackpressure || h == HappenedSlow
}

func (n *Note) same(other Note) bool {
	if n.What == HappenedRetry && other.What == HappenedRetry {
		return n.Subscriber == other.Subscriber
	}
	return n.What == other.What && n.Subject == other.Subject && n.Reason == other.Reason && n.Error.Code == other.Error.Code &&
		n.Filter == other.Filter && n.Subscriber == other.Subscriber
}

// repeat makes n speak of other, too.
func (n *Note) repeat(other Note) {
	other.Count += n.Count
	if n.What == HappenedBackpressure {
		other.Wait += n.Wait
	}
	other.First, other.id = n.First, n.id
	*n = other
}

// attend returns the channel that gets a token when something was added. There
// is one for all who ask.
func (j *Journal) attend() <-chan struct{} {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.wake == nil {
		j.wake = make(chan struct{}, 1)
	}
	if len(j.notes) > 0 {
		signal(j.wake)
	}
	return j.wake
}

// firstUnheard reports whether s was never unheard before.
func (j *Journal) firstUnheard(s event.Subject) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.unheard[s] || len(j.unheard) >= maxUnheard {
		return false
	}
	if j.unheard == nil {
		j.unheard = map[event.Subject]bool{}
	}
	j.unheard[s] = true
	return true
}

// Journal returns the journal that m keeps. A backend offers it as [Journaled].
func (m *Meter) Journal() *Journal { return &m.journal }

// SendFailed is [Meter.Failed] for an error of Publish on s.
func (m *Meter) SendFailed(s event.Subject, err error) error {
	if err != nil {
		m.errors.Add(1)
		if !s.Kind().Diagnostic() {
			m.journal.add(Note{What: HappenedSendError, Subject: s, Error: fault.ReportOf(err), Count: 1})
		}
	}
	return err
}

// Disconnected notes that the connection was lost. It is not an error that is
// counted: a bus that is away shows as Connected, and then in Reconnects.
func (m *Meter) Disconnected(err error) {
	n := Note{What: HappenedDisconnect, Count: 1}
	if err != nil {
		n.Error = fault.ReportOf(err)
	}
	m.journal.add(n)
}

// Unheard notes, once for each subject, that an ephemeral event was published
// that nobody wanted. What is directed to one receiver, who may have gone, what a
// bus says of itself, logs and telemetry, which may find nobody, and questions,
// whose asker learns it by getting no answer, do not count.
func (m *Meter) Unheard(s event.Subject) {
	if s.Receiver() != "" || quiet(s.Kind()) || !m.journal.firstUnheard(s) {
		return
	}
	m.journal.add(Note{What: HappenedUnheard, Subject: s, Error: fault.ReportOf(ErrUnheard.With("%s", s)), Count: 1})
}

// quiet reports whether events of kind k are published whether or not somebody
// is interested: the durable ones are for the record, where a bus keeps one.
func quiet(k event.Kind) bool {
	return k.Diagnostic() || k.Durable() || k == event.KindStructuredLog ||
		strings.HasPrefix(string(k), "TELEMETRY_") || strings.HasSuffix(string(k), "_REQUEST")
}
