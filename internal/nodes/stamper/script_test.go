package stamper_test

import (
	"crypto/ed25519"
	"encoding/pem"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/crypto/ssh"

	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/internal/nodes/stamper"
	"github.com/omninode-ai/onex/internal/scripttest"
	"github.com/omninode-ai/onex/internal/sshsig"
)

// TestScripts runs the scripts, in which $SIGNER is ann, bob or nobody, and ann is
// listed in $ALLOWED.
func TestScripts(t *testing.T) {
	keys := t.TempDir()
	allowed := filepath.Join(keys, "allowed")
	line := "ann@example.com namespaces=\"onex-*\" " + newKey(t, filepath.Join(keys, "ann"))
	newKey(t, filepath.Join(keys, "bob"))
	if err := os.WriteFile(allowed, []byte(line), 0o644); err != nil {
		t.Fatal(err)
	}
	scripttest.Run(t, stamper.Commands, func(env *console.Env) {
		env.Keys = func() (sshsig.Keys, error) {
			k := sshsig.Keys{Options: sshsig.SignerOptions{Dir: env.Dir}}
			if who := env.Getenv("SIGNER"); who != "" {
				k.Sign = filepath.Join(keys, who)
			}
			if env.Getenv("ALLOWED") != "" {
				k.Allowed = allowed
			}
			return k, nil
		}
	})
}

// newKey writes a private key to path and returns the public one, as a line.
func newKey(t *testing.T, path string) string {
	t.Helper()
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(private, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
		t.Fatal(err)
	}
	key, err := ssh.NewPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	return string(ssh.MarshalAuthorizedKey(key))
}
