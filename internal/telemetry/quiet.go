package telemetry

import (
	"context"
	"log/slog"
)

// step is the distance of two levels of slog.
const step = slog.LevelWarn - slog.LevelInfo

// Quieter returns a logger whose lines count one level less than they say: a warning is
// an information. It is for those who say themselves what went wrong.
func Quieter(log *slog.Logger) *slog.Logger { return slog.New(quieter{log.Handler()}) }

type quieter struct{ slog.Handler }

func (q quieter) Enabled(ctx context.Context, l slog.Level) bool {
	return q.Handler.Enabled(ctx, l-step)
}

func (q quieter) Handle(ctx context.Context, r slog.Record) error {
	r.Level -= step
	return q.Handler.Handle(ctx, r)
}

func (q quieter) WithAttrs(as []slog.Attr) slog.Handler { return quieter{q.Handler.WithAttrs(as)} }
func (q quieter) WithGroup(name string) slog.Handler    { return quieter{q.Handler.WithGroup(name)} }
