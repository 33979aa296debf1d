package app

import (
	"log/slog"
	"testing"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/node"
)

// TestADaemonVouchesForItsOwnNodesOnly shows announcements that claim to be of a
// built-in node and are not.
func TestADaemonVouchesForItsOwnNodesOnly(t *testing.T) {
	announced := func(v *voucher) event.NodeAnnounce {
		h := host.New(node.Manifest{Name: "own", Version: "1.0.0"}, nil)
		if err := v.vouch(t.Context(), h); err != nil {
			t.Fatal(err)
		}
		statement, err := node.Statement(h.Manifest(), h.Contract())
		if err != nil {
			t.Fatal(err)
		}
		raw, err := v.signer.Sign(t.Context(), "onex-node", statement)
		if err != nil {
			t.Fatal(err)
		}
		return event.NodeAnnounce{NodeID: h.ID(), Manifest: h.Manifest(), Contract: h.Contract(), Trust: node.Trusted, Signature: string(raw)}
	}
	own, err := newVoucher()
	if err != nil {
		t.Fatal(err)
	}
	other, err := newVoucher()
	if err != nil {
		t.Fatal(err)
	}
	good := announced(own)
	judged := judge(Config{}, own, slog.New(slog.DiscardHandler))
	for _, c := range []struct {
		name   string
		change func(*event.NodeAnnounce)
		want   node.Trust
	}{
		{"its own", func(*event.NodeAnnounce) {}, node.Trusted},
		{"unsigned", func(a *event.NodeAnnounce) { a.Signature = "" }, node.Untrusted},
		{"another instance with a copied signature", func(a *event.NodeAnnounce) { a.NodeID = node.ID(event.NewID().String()) }, node.Untrusted},
		{"another version", func(a *event.NodeAnnounce) { a.Manifest.Version, a.Contract.Version = "2.0.0", "2.0.0" }, node.Untrusted},
		{"another contract", func(a *event.NodeAnnounce) { a.Contract.Description = "something else" }, node.Untrusted},
		{"another daemon's", func(a *event.NodeAnnounce) {
			theirs := announced(other)
			a.Signature = theirs.Signature
		}, node.Untrusted},
		{"of another daemon", func(a *event.NodeAnnounce) { *a = announced(other) }, node.Untrusted},
	} {
		a := good
		c.change(&a)
		if got, _ := judged(a); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}
