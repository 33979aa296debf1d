package app

import (
	"errors"
	"log/slog"
	"time"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/internal/sshsig"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/parity"
	"github.com/omninode-ai/onex/registry"
)

// judge returns how the registry of this project judges what announcements claim.
// Whose signatures count is read anew each time, so that a change counts for
// the next announcement and, within registry.Rejudge, for nodes that run. Nodes that
// claim nothing cost nothing.
func judge(cfg Config, lg *slog.Logger) registry.Judge {
	return func(a event.NodeAnnounce) (node.Trust, error) {
		if a.Signature == "" {
			return node.Untrusted, nil
		}
		allowed, err := cfg.Keys.AllowedSigners()
		trust := node.Untrusted
		if err == nil {
			trust, err = parity.Judge(a, allowed, time.Now())
		}
		if err != nil && !errors.Is(err, sshsig.ErrNoAllowedSigners) {
			lg.Warn("a node does not prove what it claims", "node", string(a.Manifest.Name), "claims", string(a.Trust), "granted", string(trust), "error", err)
		}
		return trust, err
	}
}
