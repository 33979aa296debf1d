package natsd

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"
)

const (
	// roomName is a file of zeros that is written to try whether there is room, and
	// removed.
	roomName = ".room"

	// room is what must be free: an event of the largest size, and as much for the
	// server's own files.
	room = 2 * MaxPayload

	// roomPause is the time between two tries.
	roomPause = time.Second
)

// mend starts the server again, in this process, when its store has met a write error,
// as on a full disk: a stream takes nothing more after one, until the server is started
// anew (nats-server v2.15.2, setWriteErr in server/filestore.go). What was acknowledged
// is there; clients connect again. Until the directory can be written nothing is done.
func (s *Server) mend(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.log.stuck:
		}
		s.log.log.Error("the store keeps nothing more; it goes on by itself when its directory can be written", "dir", s.opts.StoreDir)
		if !s.restart(ctx) {
			return
		}
		s.log.log.Warn("the store keeps events again", "dir", s.opts.StoreDir)
	}
}

// restart tries until another server serves; it fails when ctx ends before.
func (s *Server) restart(ctx context.Context) bool {
	for {
		err := writable(s.opts.StoreDir)
		if err == nil {
			n := s.nats.Load()
			n.Shutdown()
			n.WaitForShutdown()
			err = s.serve(ctx)
		}
		if err == nil {
			return true
		}
		s.log.log.Debug("the store cannot go on yet", "error", err)
		select {
		case <-ctx.Done():
			return false
		case <-time.After(roomPause):
		}
	}
}

// writable reports what keeps a directory from being written, synced.
func writable(dir string) error {
	f, err := os.OpenFile(filepath.Join(dir, roomName), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(make([]byte, room))
	return errors.Join(err, f.Sync(), f.Close(), os.Remove(f.Name()))
}
