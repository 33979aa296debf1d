package natsd_test

import (
	"context"
	"fmt"
	"net"
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sys/unix"

	"github.com/omninode-ai/onex/internal/natsd"
	"github.com/omninode-ai/onex/internal/soon"
)

// TestStoreGoesOnWhenThereIsRoom takes the room from a server's files, as a full disk
// does, and gives it back: events are refused, then kept again, without anybody's doing,
// and all that were acknowledged are there.
func TestStoreGoesOnWhenThereIsRoom(t *testing.T) {
	dir := shortDir(t)
	held := holder(t, dir)
	defer end(t, held)
	nc := connect(t, func() (net.Conn, error) { return natsd.DialSocket(filepath.Join(dir, "s")) },
		nats.MaxReconnects(-1), nats.ReconnectWait(10*time.Millisecond))
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	stream, err := js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "S", Subjects: []string{"s"}})
	if err != nil {
		t.Fatal(err)
	}
	acknowledged := map[uint64]string{}
	for round := range 2 {
		var before unix.Rlimit
		if err := unix.Prlimit(held.Process.Pid, unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: 16 << 10, Max: unix.RLIM_INFINITY}, &before); err != nil {
			t.Skip(err)
		}
		store := func() bool {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			text := fmt.Sprintf("%d-%d-%01024d", round, len(acknowledged), 0)
			ack, err := js.Publish(ctx, "s", []byte(text))
			if err == nil {
				acknowledged[ack.Sequence] = text
			}
			return err == nil
		}
		soon.True(t, "there is no room", func() bool { return !store() })
		if err := unix.Prlimit(held.Process.Pid, unix.RLIMIT_FSIZE, &before, nil); err != nil {
			t.Fatal(err)
		}
		soon.True(t, "events are kept again", store)
	}
	for sequence, want := range acknowledged {
		m, err := stream.GetMsg(t.Context(), sequence)
		if err != nil {
			t.Fatalf("event %d: %v", sequence, err)
		}
		if string(m.Data) != want {
			t.Errorf("event %d is %.20s, want %.20s", sequence, m.Data, want)
		}
	}
}
