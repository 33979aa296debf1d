package sshsig_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/omninode-ai/onex/internal/peer"
	"github.com/omninode-ai/onex/internal/sshsig"
)

// TestBothWaysWithSSHKeygen signs with each program and verifies with the other.
func TestBothWaysWithSSHKeygen(t *testing.T) {
	keygen := peer.Find(t, "ssh-keygen")
	for _, args := range [][]string{{"-t", "ed25519"}, {"-t", "ecdsa", "-b", "256"}, {"-t", "ecdsa", "-b", "521"}, {"-t", "rsa", "-b", "2048"}, {"-t", "rsa", "-b", "2048", "-m", "PEM"}} {
		dir := t.TempDir()
		key := filepath.Join(dir, "key")
		run(t, "", keygen, append(args, "-q", "-N", "", "-f", key)...)
		signer := open(t, key, nil)
		lines := signer.AllowedLine("me@example.com")
		if err := os.WriteFile(filepath.Join(dir, "allowed"), []byte(lines), 0o600); err != nil {
			t.Fatal(err)
		}
		theirs := run(t, message, keygen, "-q", "-Y", "sign", "-n", "onex-parity", "-f", key)
		if _, err := allowed(t, lines).Verify([]byte(message), theirs, sshsig.Parity, nil); err != nil {
			t.Errorf("%v: signed by ssh-keygen, refused by us: %v", args, err)
		}
		ours := sign(t, signer, sshsig.Parity, message)
		if err := os.WriteFile(filepath.Join(dir, "sig"), ours, 0o600); err != nil {
			t.Fatal(err)
		}
		out := run(t, message, keygen, "-Y", "verify", "-f", filepath.Join(dir, "allowed"), "-I", "me@example.com", "-n", "onex-parity", "-s", filepath.Join(dir, "sig"))
		if !strings.Contains(string(out), signer.Fingerprint()) {
			t.Errorf("%v: signed by us, ssh-keygen says %s", args, out)
		}
		if !strings.Contains(args[1], "ecdsa") && !bytes.Equal(ours, theirs) { // ECDSA is random
			t.Errorf("%v: our signature is not byte for byte that of ssh-keygen:\n%s\n%s", args, ours, theirs)
		}
	}
}

func run(t *testing.T, stdin, program string, args ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Stdin = strings.NewReader(stdin)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", program, strings.Join(args, " "), err, stderr.String())
	}
	return out
}
