package app

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/internal/sshsig"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/parity"
	"github.com/omninode-ai/onex/registry"
)

// A voucher is how a daemon knows its own nodes again. They are part of the program that
// judges them, so whoever believes the judgement believes them already; what is to be
// shown is only that an announcement is theirs. The key lives in this process alone.
type voucher struct {
	signer  *sshsig.Signer
	allowed *sshsig.AllowedSigners
	ids     map[node.ID]bool // of the instances that it vouches for
}

func newVoucher() (*voucher, error) {
	signer, err := sshsig.Generate()
	if err != nil {
		return nil, err
	}
	allowed, err := sshsig.ParseAllowedSigners([]byte(signer.AllowedLine("onex")))
	return &voucher{signer, allowed, map[node.ID]bool{}}, err
}

// vouch signs what a node of this daemon is.
func (v *voucher) vouch(ctx context.Context, h *host.Host) error {
	v.ids[h.ID()] = true
	return h.Vouch(func(statement []byte) ([]byte, error) { return v.signer.Sign(ctx, sshsig.Node, statement) })
}

// knows reports whether an announcement is of one of the instances, and says of it what
// was signed.
func (v *voucher) knows(a event.NodeAnnounce) bool {
	if !v.ids[a.NodeID] {
		return false
	}
	trust, err := parity.Judge(a, v.allowed, time.Now())
	return err == nil && trust == node.Trusted
}

// judge returns how the registry of this project judges what announcements claim.
// Whose signatures count is read anew each time, so that a change counts for
// the next announcement and, within registry.Rejudge, for nodes that run. Nodes that
// claim nothing cost nothing.
func judge(cfg Config, own *voucher, lg *slog.Logger) registry.Judge {
	return func(a event.NodeAnnounce) (node.Trust, error) {
		if a.Signature == "" {
			return node.Untrusted, nil
		}
		if own.knows(a) {
			return node.Trusted, nil
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
