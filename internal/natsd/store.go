package natsd

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"
)

const (
	// MaxBatch is the largest number of changes that a Save makes atomically; it
	// is the server's limit for one batch.
	MaxBatch = 1000

	// MaxKey bounds a key in bytes, so that its subject stays readable.
	MaxKey = 128

	// deletedTTL is how long the marker of a deleted key is kept. It only has
	// to outlive a Load that is under way.
	deletedTTL = time.Minute

	// replyTimeout bounds the wait for one commit when the caller's context
	// does not; a batch of a thousand takes some ten milliseconds.
	replyTimeout = 10 * time.Second
)

// The server's header fields for atomic batches and markers.
const (
	headerBatch    = "Nats-Batch-Id"
	headerSequence = "Nats-Batch-Sequence"
	headerCommit   = "Nats-Batch-Commit"
	headerTTL      = "Nats-TTL"
	headerDeleted  = "Onex-Deleted"
)

// A Store keeps records by key in a JetStream stream: the last value of each
// key, synced as the server's profile says. It is meant for one writer.
//
// Changes are gathered into atomic batches, because the server syncs each
// commit, not each record: a thousand records cost little more than one.
type Store struct {
	nc     *nats.Conn
	stream jetstream.Stream
	prefix string // of subjects, with the final dot
	lead   string // subject of the lease of those who share it
}

// OpenStore returns the store called name, on the server that nc is connected
// to; it is made when it does not exist. Names are lower-case letters and
// underscores. The connection stays the caller's.
func OpenStore(ctx context.Context, nc *nats.Conn, name string) (*Store, error) {
	return OpenStoreOf(ctx, nc, name, 1)
}

// OpenStoreOf is OpenStore on a cluster that keeps so many copies.
func OpenStoreOf(ctx context.Context, nc *nats.Conn, name string, copies int) (*Store, error) {
	js, err := jetstream.New(nc)
	if err != nil {
		return nil, ErrStore.Wrap(err, "%s", name)
	}
	prefix, lead := "onex.store."+name+".", "onex.lead."+name
	stream, err := js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
		Name:               "ONEX_STORE_" + strings.ToUpper(name),
		Subjects:           []string{prefix + "*", lead},
		Replicas:           copies,
		Storage:            jetstream.FileStorage,
		MaxMsgsPerSubject:  1,
		AllowAtomicPublish: true,
		AllowMsgTTL:        true,
		AllowDirect:        true,
	})
	if err != nil {
		return nil, ErrStore.Wrap(err, "%s", name)
	}
	return &Store{nc: nc, stream: stream, prefix: prefix, lead: lead}, nil
}

// Load returns all records.
func (s *Store) Load(ctx context.Context) (map[string][]byte, error) {
	info, err := s.stream.Info(ctx)
	if err != nil {
		return nil, ErrStore.Wrap(err, "loading")
	}
	records := map[string][]byte{}
	if info.State.Msgs == 0 {
		return records, nil
	}
	consumer, err := s.stream.OrderedConsumer(ctx, jetstream.OrderedConsumerConfig{DeliverPolicy: jetstream.DeliverAllPolicy})
	if err != nil {
		return nil, ErrStore.Wrap(err, "loading")
	}
	messages, err := consumer.Messages()
	if err != nil {
		return nil, ErrStore.Wrap(err, "loading")
	}
	defer messages.Stop()
	for {
		m, err := messages.Next(jetstream.NextContext(ctx))
		if err != nil {
			return nil, ErrStore.Wrap(err, "loading")
		}
		pending, err := s.read(records, m)
		if err != nil || pending == 0 {
			return records, err
		}
	}
}

// read puts m into records and returns how many are still to come.
func (s *Store) read(records map[string][]byte, m jetstream.Msg) (pending uint64, err error) {
	meta, err := m.Metadata()
	if err != nil {
		return 0, ErrStore.Wrap(err, "loading")
	}
	if m.Subject() == s.lead {
		return meta.NumPending, nil
	}
	key, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(m.Subject(), s.prefix))
	if err != nil {
		return 0, ErrStore.Wrap(err, "subject %q", m.Subject())
	}
	if m.Headers().Get(headerDeleted) == "" {
		records[string(key)] = m.Data()
	}
	return meta.NumPending, nil
}

// Save puts and deletes records. All changes are made or none, up to
// [MaxBatch] of them; more are made in the order of their keys, MaxBatch at
// a time. After an error, which is [ErrStore] or [ErrKey], the batch that was
// under way may have been made all the same, because its answer can be lost;
// saving the same again is harmless.
func (s *Store) Save(ctx context.Context, puts map[string][]byte, deletes []string) error {
	changes, err := s.changes(puts, deletes)
	if err != nil {
		return err
	}
	for batch := range slices.Chunk(changes, MaxBatch) {
		if _, err := s.commit(ctx, batch); err != nil {
			return err
		}
	}
	return nil
}

// changes returns the messages that make some changes.
func (s *Store) changes(puts map[string][]byte, deletes []string) ([]*nats.Msg, error) {
	changes := make([]*nats.Msg, 0, len(puts)+len(deletes))
	for _, key := range slices.Sorted(maps.Keys(puts)) {
		m, err := s.message(key, puts[key])
		if err != nil {
			return nil, err
		}
		changes = append(changes, m)
	}
	for _, key := range deletes {
		m, err := s.message(key, nil)
		if err != nil {
			return nil, err
		}
		m.Header.Set(headerDeleted, "1")
		m.Header.Set(headerTTL, deletedTTL.String())
		changes = append(changes, m)
	}
	return changes, nil
}

func (s *Store) message(key string, value []byte) (*nats.Msg, error) {
	if key == "" || len(key) > MaxKey {
		return nil, ErrKey.With("%q: want 1 to %d bytes", key, MaxKey)
	}
	return &nats.Msg{
		Subject: s.prefix + base64.RawURLEncoding.EncodeToString([]byte(key)),
		Header:  nats.Header{}, Data: value,
	}, nil
}

// commit publishes one atomic batch. Only its last message is answered, with its
// sequence number.
func (s *Store) commit(ctx context.Context, batch []*nats.Msg) (sequence uint64, err error) {
	ctx, cancel := context.WithTimeout(ctx, replyTimeout)
	defer cancel()
	id := nuid.Next()
	for i, m := range batch {
		m.Header.Set(headerBatch, id)
		m.Header.Set(headerSequence, decimal(uint64(i+1)))
	}
	last := batch[len(batch)-1]
	last.Header.Set(headerCommit, "1")
	for _, m := range batch[:len(batch)-1] {
		if err := s.nc.PublishMsg(m); err != nil {
			return 0, ErrStore.Wrap(err, "saving")
		}
	}
	answer, err := s.nc.RequestMsgWithContext(ctx, last)
	if err != nil {
		return 0, ErrStore.Wrap(err, "saving %d records", len(batch))
	}
	var ack jetstream.PubAck
	if err := errors.Join(json.Unmarshal(answer.Data, &ack), refusal(answer.Data)); err != nil {
		return 0, ErrStore.Wrap(err, "saving %d records", len(batch))
	}
	return ack.Sequence, nil
}

func decimal(n uint64) string { return strconv.FormatUint(n, 10) }

// refusal returns the error in the answer of a JetStream server, or nil.
func refusal(answer []byte) error {
	var r struct {
		Error *jetstream.APIError `json:"error"`
	}
	if err := json.Unmarshal(answer, &r); err != nil || r.Error == nil {
		return err
	}
	return r.Error
}
