package node

import (
	"encoding/json"
	"slices"
)

// unsigned are the fields of a manifest that its signature does not cover: the
// signature itself, and what every stamp of the file changes.
var unsigned = []string{"signature_block", "hash", "last_modified_at"}

// Statement returns what the signature of a manifest signs: the canonical JSON
// (RFC 8785) of an object with the manifest, without its signature_block, hash
// and last_modified_at, and contract_sha256, the contract's [Contract.Hash]. So a
// signature says who the node is, how it is run, and what it promises.
func Statement(m Manifest, c Contract) ([]byte, error) {
	m.Meta = slices.DeleteFunc(slices.Clone(m.Meta), func(f Field) bool { return slices.Contains(unsigned, f.Key) })
	raw, err := json.Marshal(struct {
		Contract string   `json:"contract_sha256"`
		Manifest Manifest `json:"manifest"`
	}{c.Hash(), m})
	if err != nil {
		return nil, err
	}
	return Canonical(raw)
}

// SignatureBlock is the field signature_block of a manifest.
type SignatureBlock struct {
	Signature string `json:"signature"` // armored SSHSIG of the [Statement]
	Algorithm string `json:"algorithm,omitempty"`
	SignedBy  string `json:"signed_by,omitempty"` // a claim: who signed is what allowed_signers says of the key
	IssuedAt  string `json:"issued_at,omitempty"` // a claim, too
}

// SignatureBlock returns the signature that m carries; empty when it has none.
func (m Manifest) SignatureBlock() SignatureBlock {
	var b SignatureBlock
	i := slices.IndexFunc(m.Meta, func(f Field) bool { return f.Key == "signature_block" })
	if i < 0 || json.Unmarshal(m.Meta[i].Value, &b) != nil {
		return SignatureBlock{}
	}
	return b
}
