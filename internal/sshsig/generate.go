package sshsig

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"

	"golang.org/x/crypto/ssh"
)

// Generate returns a signer with a new Ed25519 key that lives in this process and
// nowhere else.
func Generate() (*Signer, error) {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, ErrKey.Wrap(err, "a new one")
	}
	inner, err := ssh.NewSignerFromSigner(private)
	if err != nil {
		return nil, ErrKey.Wrap(err, "a new one")
	}
	return &Signer{key: inner.PublicKey(), sign: func(_ context.Context, content []byte) (*ssh.Signature, error) {
		return inner.Sign(rand.Reader, content)
	}}, nil
}
