package cli

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/internal/app"
	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/internal/sshsig"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/parity"
)

// ErrNotSigned is returned by onex node verify for a manifest that nobody has
// signed: it has no signature_block. Sign it with onex node sign.
var ErrNotSigned = fault.New("ONEX_NODE_020_NOT_SIGNED", fault.NotFound, "the manifest is not signed").
	Hinted("sign it with onex node sign DIR")

func newNode(s *session) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "node",
		Short: "mend the files of nodes; sign and verify them",
		Long: `contract, manifest, fix and sync keep the files of nodes in order.

A signed manifest makes a node trusted, where allowed_signers names the signer.
Together with a fresh receipt of a parity run it makes the node verified. Calls
with --trusted-only go to such nodes only.`,
		Example: `  onex node fix
  onex node sign ./greeter --signing-key ~/.ssh/id_ed25519
  onex node verify ./greeter`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newNodeSign(s), newNodeVerify(s))
	return cmd
}

func newNodeSign(s *session) *cobra.Command {
	return &cobra.Command{
		Use:   "sign DIR",
		Short: "sign the manifest and the contract of a node",
		Long: `sign writes the field signature_block into node.onex.yaml: an SSH signature over
the manifest and the hash of the contract, by the key that --signing-key or the
configuration names. Everything else in the file stays as it is.`,
		Example: `  onex node sign ./greeter --signing-key ~/.ssh/id_ed25519`,
		Args:    exactly(1),
		RunE:    func(cmd *cobra.Command, args []string) error { return s.signNode(cmd.Context(), args[0]) },
	}
}

func (s *session) signNode(ctx context.Context, name string) error {
	cfg, err := s.config()
	if err != nil {
		return err
	}
	dir := s.within(name)
	h, err := host.Load(ctx, dir, &host.Options{Log: s.Log, Relay: app.Relay()})
	if err != nil {
		return err
	}
	defer h.Close()
	statement, err := node.Statement(h.Manifest(), h.Contract())
	if err != nil {
		return err
	}
	signer, err := cfg.Keys.Signer(ctx)
	if err != nil {
		return err
	}
	signature, err := signer.Sign(ctx, sshsig.Node, statement)
	if err != nil {
		return err
	}
	path := filepath.Join(dir, node.ManifestFile)
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	text := withSignature(string(data), node.SignatureBlock{
		Signature: string(signature), Algorithm: "sshsig", IssuedAt: time.Now().UTC().Format(time.RFC3339),
	})
	if _, err := node.ParseManifest([]byte(text)); err != nil {
		return err
	}
	if err := writeWhole(path, []byte(text)); err != nil {
		return err
	}
	s.Note("%s: signed by %s", s.shown(path), signer.Fingerprint())
	return nil
}

// signatureLines is a signature_block in a manifest: its key and all that is
// indented below it.
var signatureLines = regexp.MustCompile(`(?m)^signature_block:.*\n(?:[ \t]+.*\n?|\n)*`)

// withSignature replaces the signature_block of a manifest, or adds one.
func withSignature(manifest string, b node.SignatureBlock) string {
	manifest = signatureLines.ReplaceAllLiteralString(manifest, "")
	if manifest != "" && !strings.HasSuffix(manifest, "\n") {
		manifest += "\n"
	}
	return manifest + signatureText(b)
}

func newNodeVerify(s *session) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "verify DIR",
		Short: "say how far a node is trusted here, and why",
		Long: `verify judges a node as the registry of this project would: trusted when its
manifest is signed by somebody whom allowed_signers names, verified when there is
also a fresh receipt of a parity run for this contract and program.

The exit status is 1 when it is not even trusted.`,
		Example: `  onex node verify ./greeter`,
		Args:    exactly(1),
	}
	format := formatFlag(cmd, console.Text)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		proof, err := s.verifyNode(cmd.Context(), args[0])
		if err != nil {
			return err
		}
		return s.Print(*format, proof)
	}
	return cmd
}

func (s *session) verifyNode(ctx context.Context, name string) (Proof, error) {
	cfg, err := s.config()
	if err != nil {
		return Proof{}, err
	}
	dir := s.within(name)
	h, err := host.Load(ctx, dir, &host.Options{Log: s.Log, Relay: app.Relay()})
	if err != nil {
		return Proof{}, err
	}
	defer h.Close()
	a := event.NodeAnnounce{Manifest: h.Manifest(), Contract: h.Contract(), Signature: h.Manifest().SignatureBlock().Signature}
	if a.Signature == "" {
		return Proof{}, ErrNotSigned.With("%s", filepath.Join(name, node.ManifestFile))
	}
	allowed, err := cfg.Keys.AllowedSigners()
	if err != nil {
		return Proof{}, err
	}
	if receipt, err := os.ReadFile(filepath.Join(dir, host.ReceiptFile)); err == nil {
		a.Receipt = string(receipt)
		if a.Binary, err = host.ProgramHash(dir, a.Manifest, a.Contract); err != nil {
			return Proof{}, err
		}
	}
	trust, err := parity.Judge(a, allowed, time.Now())
	if trust == node.Untrusted {
		return Proof{}, err
	}
	if err != nil {
		s.Warn("the receipt does not count: %s", err)
	}
	statement, err := node.Statement(a.Manifest, a.Contract)
	if err != nil {
		return Proof{}, err
	}
	who, err := allowed.Verify(statement, []byte(a.Signature), sshsig.Node, nil)
	return Proof{Node: a.Manifest.Name, Trust: trust, SignedBy: who.String()}, err
}
