package sshsig

import (
	"context"
	"path/filepath"
)

// DefaultAllowedSigners is where a project says whose signatures count, below its
// root.
const DefaultAllowedSigners = ".onex/allowed_signers"

// Keys says by which key a project signs and whose signatures it takes: what its
// configuration says, before anything is read.
type Keys struct {
	Sign    string        // as [Open] takes it
	Allowed string        // path of the allowed_signers file, from Options.Dir
	Options SignerOptions // where keys are
}

// Signer returns the key to sign with; see [Open].
func (k Keys) Signer(ctx context.Context) (*Signer, error) { return Open(ctx, k.Sign, &k.Options) }

// AllowedSigners returns whose signatures count; see [ReadAllowedSigners].
func (k Keys) AllowedSigners() (*AllowedSigners, error) {
	path := k.Allowed
	if path == "" {
		path = DefaultAllowedSigners
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(k.Options.Dir, path)
	}
	return ReadAllowedSigners(path)
}
