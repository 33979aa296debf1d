package parity

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/internal/sshsig"
	"github.com/omninode-ai/onex/node"
)

// ReceiptVersion is the version of the form of a [Receipt].
const ReceiptVersion = "1.0.0"

// ReceiptAge is how long a receipt is fresh. A month is the longest that a tool
// should go unrun while what it stands on is updated.
const ReceiptAge = 30 * 24 * time.Hour

// clockSkew is how far the clocks of who signs and who verifies may differ.
const clockSkew = 5 * time.Minute

// A Receipt says that a node was run on these paths and answered the same on all
// of them.
type Receipt struct {
	Version      string    `json:"schema_version"`
	Node         node.Name `json:"node_name"`
	NodeVersion  string    `json:"node_version"`
	ContractHash string    `json:"contract_sha256"`
	BinaryHash   string    `json:"binary_sha256"`
	Paths        []Path    `json:"paths"`
	Checks       int       `json:"checks"` // all of which passed, or were warnings
	Examples     int       `json:"examples"`
	Time         time.Time `json:"completed_at"`
}

// A SignedReceipt is a receipt and the signature over its canonical JSON
// (RFC 8785), in the namespace onex-parity. Whoever has OpenSSH can check it:
//
//	jq -cjS .receipt FILE | ssh-keygen -Y verify -n onex-parity …
type SignedReceipt struct {
	Receipt   Receipt `json:"receipt"`
	Signature string  `json:"signature"` // armored SSHSIG
}

// Receipt returns the receipt of a node of r, as it is named there. It fails with
// [ErrReceipt] for one that failed, whose tools were not all run, or that was
// not tried on the command line and at least one bus.
func (r Report) Receipt(name string) (Receipt, error) {
	i := slices.IndexFunc(r.Nodes, func(s Subject) bool { return s.Name == name })
	if i < 0 || r.Stopped {
		return Receipt{}, ErrReceipt.With("%s was not checked to the end", name)
	}
	s := r.Nodes[i]
	c := Receipt{
		Version: ReceiptVersion, Node: s.Node, NodeVersion: s.Version, ContractHash: s.ContractHash, BinaryHash: s.BinaryHash,
		Time: r.Time,
	}
	for _, result := range r.Results {
		if result.Node != name {
			continue
		}
		switch {
		case result.Verdict == Fail || result.Verdict == Warn && result.Check == CheckExamples:
			return Receipt{}, ErrReceipt.With("%s: %s: %s", name, result.title(), result.Message)
		case result.Verdict == Skip:
			continue
		case result.Check == CheckExpectation:
			c.Examples++
		}
		c.Checks++
		if result.Path != "" && !slices.Contains(c.Paths, result.Path) {
			c.Paths = append(c.Paths, result.Path)
		}
	}
	switch {
	case c.ContractHash == "" || c.BinaryHash == "":
		return Receipt{}, ErrReceipt.With("%s: its contract or its program cannot be hashed", name)
	case c.Examples == 0 || len(c.Paths) < 2:
		return Receipt{}, ErrReceipt.With("%s: %d examples ran on %d paths", name, c.Examples, len(c.Paths))
	}
	return c, nil
}

func (c Receipt) statement() ([]byte, error) {
	raw, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	return node.Canonical(raw)
}

// Sign returns the file that holds c, signed.
func (c Receipt) Sign(ctx context.Context, by *sshsig.Signer) ([]byte, error) {
	statement, err := c.statement()
	if err != nil {
		return nil, err
	}
	signature, err := by.Sign(ctx, sshsig.Parity, statement)
	if err != nil {
		return nil, err
	}
	return SignedReceipt{c, string(signature)}.file()
}

func (s SignedReceipt) file() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(s)
	return b.Bytes(), err
}

// VerifyReceipt returns a receipt and who signed it. It fails with [ErrReceipt]
// for a file that is not, byte for byte, as [Receipt.Sign] writes it, and with
// the errors of package sshsig.
func VerifyReceipt(file []byte, allowed *sshsig.AllowedSigners) (Receipt, sshsig.Identity, error) {
	var s SignedReceipt
	d := json.NewDecoder(bytes.NewReader(file))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		return Receipt{}, sshsig.Identity{}, ErrReceipt.Wrap(err, "it is no receipt")
	}
	if again, err := s.file(); err != nil || !bytes.Equal(again, file) {
		return s.Receipt, sshsig.Identity{}, ErrReceipt.With("the file was changed after it was written")
	}
	statement, err := s.Receipt.statement()
	if err != nil {
		return s.Receipt, sshsig.Identity{}, ErrReceipt.Wrap(err, "it has no canonical form")
	}
	who, err := allowed.Verify(statement, []byte(s.Signature), sshsig.Parity, nil)
	return s.Receipt, who, err
}

// Covers says whether c is a receipt of this contract and program, and fresh.
func (c Receipt) Covers(contract, binary string, now time.Time) error {
	switch {
	case c.ContractHash != contract:
		return ErrStale.With("the contract is %.12s…, the receipt is of %.12s…", contract, c.ContractHash)
	case c.BinaryHash != binary:
		return ErrStale.With("the program is %.12s…, the receipt is of %.12s…", binary, c.BinaryHash)
	case now.Sub(c.Time) > ReceiptAge:
		return ErrStale.With("it is of %s, more than %d days ago", c.Time.Format(time.DateOnly), int(ReceiptAge.Hours()/24))
	case c.Time.Sub(now) > clockSkew:
		return ErrStale.With("it is of %s, which is yet to come", c.Time.Format(time.RFC3339))
	}
	return nil
}

// Judge returns how far an announcement proves what it claims: trusted when the
// manifest is signed by an allowed signer, verified when there also is a
// fresh receipt for the announced program and contract.
//
// The hash of the program is what the host of the node says. A host that lies
// can claim another's receipt; it cannot claim another's signature on a manifest
// that it changed.
func Judge(a event.NodeAnnounce, allowed *sshsig.AllowedSigners, now time.Time) (node.Trust, error) {
	statement, err := node.Statement(a.Manifest, a.Contract)
	if err != nil {
		return node.Untrusted, err
	}
	if a.Signature == "" {
		return node.Untrusted, nil
	}
	if _, err := allowed.Verify(statement, []byte(a.Signature), sshsig.Node, &sshsig.VerifyOptions{Principal: a.Manifest.Signer}); err != nil {
		return node.Untrusted, err
	}
	if a.Receipt == "" {
		return node.Trusted, nil
	}
	receipt, _, err := VerifyReceipt([]byte(a.Receipt), allowed)
	if err == nil {
		err = receipt.Covers(a.Contract.Hash(), a.Binary, now)
	}
	if err != nil {
		return node.Trusted, err
	}
	return node.Verified, nil
}
