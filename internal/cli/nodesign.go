package cli

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
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

// ErrBuiltIn is returned by onex node sign for the name of a built-in node: it is part of
// the program and has no manifest of its own that could be signed. The daemon that hosts
// it vouches for it; whether the program itself is the one that was released is said by
// the signature of the release.
var ErrBuiltIn = fault.New("ONEX_NODE_021_BUILT_IN", fault.Unsupported, "a built-in node is not signed").
	Hinted("it is trusted by the daemon that it is part of; onex node verify says why")

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
	if s.isBuiltin(name) {
		return ErrBuiltIn.With("%s", name)
	}
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
also a fresh receipt of a parity run for this contract and program. A built-in node
is trusted by the daemon that it is part of.

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

// isBuiltin reports whether a name is that of a built-in node, and not of a directory.
func (s *session) isBuiltin(name string) bool {
	_, err := os.Stat(filepath.Join(s.within(name), node.ManifestFile))
	return err != nil && slices.Contains(builtinNames(), name)
}

// builtinProof says by what a built-in node is trusted: by the program that it is part
// of, which is named by its hash.
func builtinProof(name node.Name) (Proof, error) {
	argv, err := ownProgram()
	if err != nil {
		return Proof{}, err
	}
	sum, err := host.FileHash(argv[0])
	return Proof{Node: name, Trust: node.Trusted, SignedBy: "the daemon that it is part of, program sha256:" + sum}, err
}

func (s *session) verifyNode(ctx context.Context, name string) (Proof, error) {
	cfg, err := s.config()
	if err != nil {
		return Proof{}, err
	}
	dir := s.within(name)
	if s.isBuiltin(name) {
		return builtinProof(node.Name(name))
	}
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
