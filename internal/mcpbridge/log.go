package mcpbridge

import (
	"context"
	"log/slog"
)

// quieter is the SDK's log, one level down: it reports each session and each
// message at the level of information, and mistakes of clients as errors.
type quieter struct{ slog.Handler }

const oneLevel = slog.LevelInfo - slog.LevelDebug

func (q quieter) Enabled(ctx context.Context, l slog.Level) bool {
	return q.Handler.Enabled(ctx, l-oneLevel)
}

func (q quieter) Handle(ctx context.Context, r slog.Record) error {
	r.Level -= oneLevel
	return q.Handler.Handle(ctx, r)
}

func (q quieter) WithAttrs(a []slog.Attr) slog.Handler { return quieter{q.Handler.WithAttrs(a)} }

func (q quieter) WithGroup(name string) slog.Handler { return quieter{q.Handler.WithGroup(name)} }
