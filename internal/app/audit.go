package app

import (
	"context"
	"log/slog"
	"path/filepath"
	"sync"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/internal/audit"
)

// AuditDir returns the directory of the project's audit log.
func (c Config) AuditDir() string { return filepath.Join(c.Project.DataDir, "audit") }

// startAudit records the calls on b until the function it returns is called.
func startAudit(ctx context.Context, cfg Config, b bus.Bus, lg *slog.Logger) (stop func() error, err error) {
	if cfg.Audit == "off" {
		return func() error { return nil }, nil
	}
	w, err := audit.Open(cfg.AuditDir(), nil)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	var done sync.WaitGroup
	done.Go(func() {
		if err := audit.Record(ctx, b, w, lg); err != nil {
			lg.Error("calls are not recorded in the audit log", "error", err)
		}
	})
	return func() error { cancel(); done.Wait(); return w.Close() }, nil
}
