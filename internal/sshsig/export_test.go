package sshsig

import (
	"crypto/rand"
	"testing"

	"golang.org/x/crypto/ssh"
)

// SignWith signs by s in the name of key, which may be a certificate for it.
func SignWith(t testing.TB, s ssh.Signer, key ssh.PublicKey, ns Namespace, message string) []byte {
	t.Helper()
	return Forge(t, s, key, Wire{Version: version, Namespace: string(ns), Hash: "sha512"}, message)
}

// Wire is the signature as it is stored.
type Wire = wire

// Forge signs by s whatever w says, whether it makes sense or not.
func Forge(t testing.TB, s ssh.Signer, key ssh.PublicKey, w Wire, message string) []byte {
	t.Helper()
	data, err := content(Namespace(w.Namespace), "sha512", []byte(message))
	if err != nil {
		t.Fatal(err)
	}
	signature, err := s.Sign(rand.Reader, data)
	if err != nil {
		t.Fatal(err)
	}
	w.Key = key.Marshal()
	w.Signature = append(ssh.Marshal(signature), w.Signature...)
	return armor(append([]byte(magic), ssh.Marshal(w)...))
}
