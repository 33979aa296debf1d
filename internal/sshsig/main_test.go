package sshsig_test

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"
	"golang.org/x/crypto/ssh"

	"github.com/omninode-ai/onex/internal/sshsig"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const message = "what is signed\n"

func newKey(t testing.TB) ed25519.PrivateKey {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// writeKey writes key as ssh-keygen does, under passphrase if there is one.
func writeKey(t testing.TB, key crypto.PrivateKey, passphrase string) string {
	t.Helper()
	block, err := ssh.MarshalPrivateKey(key, "")
	if passphrase != "" {
		block, err = ssh.MarshalPrivateKeyWithPassphrase(key, "", []byte(passphrase))
	}
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func open(t testing.TB, name string, opts *sshsig.SignerOptions) *sshsig.Signer {
	t.Helper()
	s, err := sshsig.Open(t.Context(), name, opts)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func sign(t testing.TB, s *sshsig.Signer, ns sshsig.Namespace, message string) []byte {
	t.Helper()
	signature, err := s.Sign(t.Context(), ns, []byte(message))
	if err != nil {
		t.Fatal(err)
	}
	return signature
}

func allowed(t testing.TB, text string) *sshsig.AllowedSigners {
	t.Helper()
	a, err := sshsig.ParseAllowedSigners([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func read(t testing.TB, name ...string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(name...))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func wantError(t testing.TB, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: error %v, want %v", what, err, want)
	}
}
