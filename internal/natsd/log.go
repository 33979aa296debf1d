package natsd

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
)

// serverLog hands the server's words to slog. What the server calls a notice is
// chatter for our users; what it calls fatal is kept as the reason why it does
// not start, and that its store is stuck is passed on.
type serverLog struct {
	log   *slog.Logger
	stuck chan struct{} // a token: a write error, after which a stream takes nothing more

	mu    sync.Mutex
	fatal string
}

func newServerLog(log *slog.Logger) *serverLog {
	return &serverLog{log: log, stuck: make(chan struct{}, 1)}
}

func (l *serverLog) Noticef(format string, args ...any) {
	l.log.Debug(text(format, args), "from", "nats")
}
func (l *serverLog) Debugf(format string, args ...any) {
	l.log.Debug(text(format, args), "from", "nats")
}
func (l *serverLog) Tracef(format string, args ...any) {
	l.log.Debug(text(format, args), "from", "nats")
}

// Warnf passes warnings on. That a store mends itself after its process was killed is
// what it is for.
func (l *serverLog) Warnf(format string, args ...any) {
	said, level := text(format, args), slog.LevelWarn
	if strings.HasPrefix(said, "Filestore [") && (strings.Contains(said, "rebuild") || strings.Contains(said, "ecover")) {
		level = slog.LevelInfo
	}
	l.log.Log(context.Background(), level, said, "from", "nats")
}

// Errorf passes errors on. In no other way does the server tell that it gave up a stream.
func (l *serverLog) Errorf(format string, args ...any) {
	said := text(format, args)
	l.log.Error(said, "from", "nats")
	if strings.Contains(said, "ritical write error") || strings.Contains(said, "JetStream out of") {
		select {
		case l.stuck <- struct{}{}:
		default: // it is known
		}
	}
}

func (l *serverLog) Fatalf(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fatal = text(format, args)
	l.log.Error(l.fatal, "from", "nats")
}

// forgive forgets what was said of a server before this one.
func (l *serverLog) forgive() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fatal = ""
	select {
	case <-l.stuck:
	default:
	}
}

func (l *serverLog) failed() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.fatal != ""
}

// reason returns why the server gave up.
func (l *serverLog) reason() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return or(l.fatal, "not ready in time")
}

func text(format string, args []any) string { return fmt.Sprintf(format, args...) }
