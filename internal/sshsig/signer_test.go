package sshsig_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"

	"github.com/omninode-ai/onex/internal/sshsig"
)

func TestEveryKindOfKeySigns(t *testing.T) {
	byRSA, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	byECDSA, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ring := agent.NewKeyring()
	for name, key := range map[string]any{"ed25519": newKey(t), "rsa": byRSA, "ecdsa": byECDSA} {
		if err := ring.Add(agent.AddedKey{PrivateKey: key}); err != nil {
			t.Fatal(err)
		}
		path := writeKey(t, key, "")
		byFile := open(t, filepath.Base(path), &sshsig.SignerOptions{Dir: filepath.Dir(path)})
		a := allowed(t, byFile.AllowedLine("me"))
		literal := byFile.AllowedLine("key:")
		opts := &sshsig.SignerOptions{AgentSocket: serve(t, ring), Home: publicIn(t, literal)}
		signers := map[string]*sshsig.Signer{
			"file":                      byFile,
			"text, by the agent":        open(t, "key::"+literal[strings.LastIndex(literal, `" `)+2:], opts),
			"public file, by the agent": open(t, "~/key.pub", opts),
		}
		if name == "ed25519" { // locking a key takes long, on purpose
			signers["locked, by the agent"] = open(t, writeKey(t, key, "secret"), opts)
		}
		for how, signer := range signers {
			if _, err := a.Verify([]byte(message), sign(t, signer, sshsig.Audit, message), sshsig.Audit, nil); err != nil {
				t.Errorf("%s, %s: %v", name, how, err)
			}
		}
	}
}

// publicIn returns a directory with the key of line in key.pub.
func publicIn(t *testing.T, line string) string {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "key.pub"), []byte(line[strings.LastIndex(line, `" `)+2:]), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

// serve answers as ssh-agent until the test ends, and returns its socket.
func serve(t *testing.T, a agent.Agent) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "agent") // t.TempDir may be too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("unix", filepath.Join(dir, "s"))
	if err != nil {
		t.Fatal(err)
	}
	var served sync.WaitGroup
	served.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			served.Go(func() { _ = agent.ServeAgent(a, conn); conn.Close() })
		}
	})
	t.Cleanup(func() { listener.Close(); served.Wait(); os.RemoveAll(dir) })
	return listener.Addr().String()
}

func TestOpenRefuses(t *testing.T) {
	key := newKey(t)
	shared := writeKey(t, key, "")
	if err := os.Chmod(shared, 0o644); err != nil {
		t.Fatal(err)
	}
	public, err := ssh.NewPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	text := string(ssh.MarshalAuthorizedKey(public))
	empty := &sshsig.SignerOptions{AgentSocket: serve(t, agent.NewKeyring())}
	gone := &sshsig.SignerOptions{AgentSocket: filepath.Join(t.TempDir(), "gone")}
	for _, tt := range []struct {
		name, key string
		opts      *sshsig.SignerOptions
		want      error
	}{
		{"no key", "", nil, sshsig.ErrNoKey},
		{"no file", filepath.Join(t.TempDir(), "absent"), nil, sshsig.ErrKey},
		{"a directory", t.TempDir(), nil, sshsig.ErrKey},
		{"another file", "signer_test.go", nil, sshsig.ErrKey},
		{"a key that others read", shared, nil, sshsig.ErrKey},
		{"text that is no key", "key::hello", nil, sshsig.ErrKey},
		{"a locked key without an agent", writeKey(t, key, "secret"), nil, sshsig.ErrPassphrase},
		{"a public key without an agent", text, nil, sshsig.ErrAgent},
		{"a key that the agent does not hold", text, empty, sshsig.ErrAgent},
		{"an agent that is gone", text, gone, sshsig.ErrAgent},
	} {
		s, err := sshsig.Open(t.Context(), tt.key, tt.opts)
		if err == nil {
			_, err = s.Sign(t.Context(), sshsig.Manifest, nil)
		}
		wantError(t, tt.name, err, tt.want)
	}
}

// silent is an agent that waits for a person who never comes.
type silent struct {
	agent.Agent
	asked chan struct{}
	until context.Context
}

func (s silent) Sign(ssh.PublicKey, []byte) (*ssh.Signature, error) {
	close(s.asked)
	<-s.until.Done()
	return nil, errors.New("nobody came")
}

func TestSignEndsWithItsContext(t *testing.T) {
	ring := agent.NewKeyring()
	key := newKey(t)
	if err := ring.Add(agent.AddedKey{PrivateKey: key}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	waiting := silent{Agent: ring, asked: make(chan struct{}), until: t.Context()}
	line := open(t, writeKey(t, key, ""), nil).AllowedLine("me")
	signer := open(t, filepath.Join(publicIn(t, line), "key.pub"), &sshsig.SignerOptions{AgentSocket: serve(t, waiting)})
	go func() { <-waiting.asked; cancel() }()
	_, err := signer.Sign(ctx, sshsig.Manifest, []byte(message))
	wantError(t, "a waiting agent", err, sshsig.ErrAgent)
}

func TestKeys(t *testing.T) {
	path := writeKey(t, newKey(t), "")
	k := sshsig.Keys{Sign: filepath.Base(path), Options: sshsig.SignerOptions{Dir: filepath.Dir(path)}}
	s, err := k.Signer(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, err = k.AllowedSigners()
	wantError(t, "no file", err, sshsig.ErrNoAllowedSigners)
	for _, name := range []string{"", "others", filepath.Join(t.TempDir(), "elsewhere")} {
		k.Allowed = name
		at := map[bool]string{true: name, false: filepath.Join(k.Options.Dir, name)}[filepath.IsAbs(name)]
		if name == "" {
			at = filepath.Join(k.Options.Dir, sshsig.DefaultAllowedSigners)
		}
		if err := os.MkdirAll(filepath.Dir(at), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, []byte(s.AllowedLine("me")), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := k.AllowedSigners(); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestAGeneratedKeySigns(t *testing.T) {
	s, err := sshsig.Generate()
	if err != nil {
		t.Fatal(err)
	}
	other, err := sshsig.Generate()
	if err != nil || other.Fingerprint() == s.Fingerprint() {
		t.Fatalf("two keys are one: %v", err)
	}
	signature, err := s.Sign(t.Context(), sshsig.Node, []byte("text"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		by   *sshsig.Signer
		text string
		ok   bool
	}{{s, "text", true}, {s, "other", false}, {other, "text", false}} {
		allowed, err := sshsig.ParseAllowedSigners([]byte(c.by.AllowedLine("me")))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := allowed.Verify([]byte(c.text), signature, sshsig.Node, nil); (err == nil) != c.ok {
			t.Errorf("%q: %v", c.text, err)
		}
	}
}
