package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/internal/app"
	"github.com/omninode-ai/onex/internal/atomicfile"
	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/parity"
)

// Proof is what onex parity verify and onex node verify found.
type Proof struct {
	Node     node.Name       `json:"node_name"`
	Trust    node.Trust      `json:"trust_state"` // that a registry here would grant
	SignedBy string          `json:"signed_by"`
	Receipt  *parity.Receipt `json:"receipt,omitempty"`
}

// Text says it to a person.
func (p Proof) Text(_ *console.Env, w io.Writer) {
	fmt.Fprintf(w, "%s is %s, signed by %s\n", p.Node, p.Trust, p.SignedBy)
	if r := p.Receipt; r != nil {
		fmt.Fprintf(w, "ran on %s: %d examples, %d checks on %d paths\n", r.Time.Format(time.RFC3339), r.Examples, r.Checks, len(r.Paths))
	}
}

// sign writes a receipt for every node of a report, beside its contract or into a
// directory.
func (s *session) sign(ctx context.Context, cfg app.Config, nodes []parity.Node, report parity.Report, into string) error {
	signer, err := cfg.Keys.Signer(ctx)
	if err != nil {
		return err
	}
	for _, subject := range report.Nodes {
		receipt, err := report.Receipt(subject.Name)
		if err != nil {
			return err
		}
		file, err := receipt.Sign(ctx, signer)
		if err != nil {
			return err
		}
		path, err := s.receiptPath(nodes, subject, into)
		if err != nil {
			return err
		}
		if err := writeWhole(path, file); err != nil {
			return err
		}
		s.Note("%s: signed by %s", s.shown(path), signer.Fingerprint())
	}
	return nil
}

func (s *session) receiptPath(nodes []parity.Node, subject parity.Subject, into string) (string, error) {
	if into != "" {
		return filepath.Join(s.within(into), string(subject.Node)+"."+host.ReceiptFile), nil
	}
	for _, n := range nodes {
		if n.Name == subject.Name && n.Dir != "" {
			return filepath.Join(n.Dir, host.ReceiptFile), nil
		}
	}
	return "", parity.ErrReceipt.With("%s has no directory to put it in", subject.Name).Hinted("say where with --receipts DIR")
}

func newParityVerify(s *session) *cobra.Command {
	var of string
	cmd := &cobra.Command{
		Use:   "verify NODE|RECEIPT",
		Short: "check the receipt of a parity run",
		Long: `verify checks that a receipt is signed by somebody whom allowed_signers names,
and that it is of the contract and the program that are there now: one byte more
or less in any of the three, and it is refused. It is also refused after 30 days.

NODE is the directory of a node, whose receipt is parity.receipt.json. For a
receipt elsewhere, --node says which node it is of.`,
		Example: `  onex parity verify ./greeter
  onex parity verify receipts/stamper.parity.receipt.json --node stamper`,
		Args: exactly(1),
	}
	cmd.Flags().StringVar(&of, "node", "", "directory or name of the `node` that the receipt is of (default: beside it)")
	format := formatFlag(cmd, console.Text)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		proof, err := s.verifyReceipt(cmd.Context(), args[0], of)
		if err != nil {
			return err
		}
		return s.Print(*format, proof)
	}
	return cmd
}

func (s *session) verifyReceipt(ctx context.Context, path, of string) (Proof, error) {
	cfg, err := s.config()
	if err != nil {
		return Proof{}, err
	}
	file := s.within(path)
	if info, err := os.Stat(file); err == nil && info.IsDir() {
		file = filepath.Join(file, host.ReceiptFile)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return Proof{}, parity.ErrReceipt.Wrap(err, "%s", path)
	}
	allowed, err := cfg.Keys.AllowedSigners()
	if err != nil {
		return Proof{}, err
	}
	receipt, who, err := parity.VerifyReceipt(data, allowed)
	if err != nil {
		return Proof{}, err
	}
	if of == "" {
		of = filepath.Dir(file)
	}
	contract, binary, err := s.hashes(ctx, cfg, of)
	if err != nil {
		return Proof{}, err
	}
	proof := Proof{Node: receipt.Node, Trust: node.Verified, SignedBy: who.String(), Receipt: &receipt}
	return proof, receipt.Covers(contract, binary, time.Now())
}

// hashes returns those of a node's contract and program as they are now.
func (s *session) hashes(ctx context.Context, cfg app.Config, name string) (contract, binary string, err error) {
	h, err := s.host(ctx, cfg, name, nil, nil)
	if err != nil {
		return "", "", err
	}
	defer h.Close()
	if h.Manifest().Runtime == node.Exec || h.Manifest().Runtime == node.MCP {
		binary, err = host.ProgramHash(s.within(name), h.Manifest(), h.Contract())
	} else {
		var self []string
		if self, err = ownProgram(); err == nil {
			binary, err = host.FileHash(self[0])
		}
	}
	return h.Contract().Hash(), binary, err
}

// writeWhole writes a file whole or not at all.
func writeWhole(path string, data []byte) error {
	root, err := os.OpenRoot(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(atomicfile.Write(root, filepath.Base(path), data, 0o644), root.Close())
}

// signatureText is a signature_block as it stands in a manifest.
func signatureText(b node.SignatureBlock) string {
	var t strings.Builder
	t.WriteString("signature_block:\n  signature: |\n")
	for line := range strings.Lines(strings.TrimSuffix(b.Signature, "\n")) {
		t.WriteString("    " + strings.TrimSuffix(line, "\n") + "\n")
	}
	fmt.Fprintf(&t, "  algorithm: %s\n  issued_at: %q\n", b.Algorithm, b.IssuedAt)
	return t.String()
}
