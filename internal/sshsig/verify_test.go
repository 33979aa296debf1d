package sshsig_test

import (
	"bytes"
	"crypto/rand"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/omninode-ai/onex/internal/sshsig"
)

// TestSignaturesBySSHKeygenVerify reads signatures that ssh-keygen made with keys
// that no longer exist.
func TestSignaturesBySSHKeygenVerify(t *testing.T) {
	a := allowed(t, string(read(t, "testdata/vectors/allowed_signers")))
	for file, want := range map[string]string{
		"ed25519": "ed25519@example.com", "ecdsa": "ecdsa@example.com", "rsa": "rsa@example.com", "certificate": "certified@example.com",
	} {
		signature := read(t, "testdata/vectors", file+".sig")
		got, err := a.Verify([]byte(message), signature, sshsig.Manifest, nil)
		if err != nil || got.String() != want {
			t.Errorf("%s: signed by %q, error %v; want %s", file, got, err, want)
		}
		parsed, err := sshsig.Parse(signature)
		if err != nil || !bytes.Equal(parsed.Armor(), signature) || parsed.Fingerprint() != got.Fingerprint {
			t.Errorf("%s: armored again it is not what it was; error %v", file, err)
		}
	}
}

// TestEveryMutantIsRefused is the proof that verification verifies.
func TestEveryMutantIsRefused(t *testing.T) {
	signer := open(t, writeKey(t, newKey(t), ""), nil)
	other := open(t, writeKey(t, newKey(t), ""), nil)
	good := sign(t, signer, sshsig.Manifest, message)
	line := strings.TrimPrefix(signer.AllowedLine("me"), "me ")
	key := line[strings.Index(line, "ssh-"):]
	at := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		name               string
		message, signature string
		ns                 sshsig.Namespace
		allowed, principal string
		want               error
	}{
		{name: "nothing changed"},
		{name: "the right principal", principal: "me"},
		{name: "one byte of the message changed", message: "What is signed\n", want: sshsig.ErrMismatch},
		{name: "the message cut", message: "what is signed", want: sshsig.ErrMismatch},
		{name: "signature of another message", signature: string(sign(t, signer, sshsig.Manifest, "x")), want: sshsig.ErrMismatch},
		{name: "signed for another purpose", signature: string(sign(t, signer, sshsig.Node, message)), want: sshsig.ErrNamespace},
		{name: "asked for another purpose", ns: sshsig.Audit, want: sshsig.ErrNamespace},
		{name: "the key may not sign for it", allowed: `me namespaces="onex-node,file" ` + key, want: sshsig.ErrNamespace},
		{name: "the purpose is excluded", allowed: `me namespaces="!onex-manifest,onex-*" ` + key, want: sshsig.ErrNamespace},
		{name: "signed by a stranger", signature: string(sign(t, other, sshsig.Manifest, message)), want: sshsig.ErrUnknownSigner},
		{name: "nobody is allowed", allowed: "# nobody\n", want: sshsig.ErrUnknownSigner},
		{name: "another principal", principal: "you", want: sshsig.ErrUnknownSigner},
		{name: "an excluded principal", principal: "you", allowed: "!you,* " + key, want: sshsig.ErrUnknownSigner},
		{name: "the key of an authority, used directly", allowed: "me cert-authority " + key, want: sshsig.ErrUnknownSigner},
		{name: "the key expired", allowed: `me valid-before="20260601115959Z" ` + key, want: sshsig.ErrNotValid},
		{name: "the key not yet valid", allowed: `me valid-after="202606011201Z" ` + key, want: sshsig.ErrNotValid},
		{name: "within its time", allowed: `me valid-after="20260601Z",valid-before="20260602Z" ` + key},
		{name: "a later line allows it", allowed: `me valid-before="20200101Z" ` + key + "me " + key},
		{name: "a public key instead", signature: key, want: sshsig.ErrMalformed},
		{name: "something before it", signature: "\n" + string(good), want: sshsig.ErrMalformed},
		{name: "something after it", signature: string(good) + "x", want: sshsig.ErrMalformed},
		{name: "cut", signature: string(good[:len(good)-60]), want: sshsig.ErrMalformed},
		{name: "too long", signature: strings.Repeat("A", sshsig.MaxSignature+1), want: sshsig.ErrMalformed},
		{name: "with the line ends of Windows", signature: strings.ReplaceAll(string(good), "\n", "\r\n")},
	} {
		text, signature, ns, lines := message, string(good), sshsig.Manifest, signer.AllowedLine("me")
		for given, p := range map[*string]*string{&tt.message: &text, &tt.signature: &signature, &tt.allowed: &lines} {
			if *given != "" {
				*p = *given
			}
		}
		if tt.ns != "" {
			ns = tt.ns
		}
		_, err := allowed(t, lines).Verify([]byte(text), []byte(signature), ns, &sshsig.VerifyOptions{Principal: tt.principal, At: at})
		wantError(t, tt.name, err, tt.want)
	}
}

// TestNoBitOfASignatureIsFree changes each character of the armor in turn.
func TestNoBitOfASignatureIsFree(t *testing.T) {
	signer := open(t, writeKey(t, newKey(t), ""), nil)
	good := sign(t, signer, sshsig.Manifest, message)
	a := allowed(t, signer.AllowedLine("me"))
	for i, c := range good {
		if c == '\n' {
			continue // where lines are broken is free
		}
		bad := slices.Clone(good)
		bad[i] = map[bool]byte{true: 'B', false: 'A'}[c == 'A']
		if _, err := a.Verify([]byte(message), bad, sshsig.Manifest, nil); err == nil {
			t.Errorf("character %d changed from %q to %q, and it still verifies", i, c, bad[i])
		}
	}
}

func TestCertificates(t *testing.T) {
	authority, err := ssh.NewSignerFromKey(newKey(t))
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	day := uint64(24 * time.Hour / time.Second)
	line := string(ssh.MarshalAuthorizedKey(authority.PublicKey()))
	for _, tt := range []struct {
		name    string
		change  func(*ssh.Certificate)
		allowed string
		want    error
	}{
		{"a good one", nil, "*@example.com cert-authority " + line, nil},
		{"of another authority", nil, open(t, writeKey(t, newKey(t), ""), nil).AllowedLine("*"), sshsig.ErrUnknownSigner},
		{"the authority's key without the word", nil, "*@example.com " + line, sshsig.ErrUnknownSigner},
		{"for other names", nil, "*@example.org cert-authority " + line, sshsig.ErrUnknownSigner},
		{"of a host", func(c *ssh.Certificate) { c.CertType = ssh.HostCert }, "* cert-authority " + line, sshsig.ErrUnknownSigner},
		{"for nobody", func(c *ssh.Certificate) { c.ValidPrincipals = nil }, "* cert-authority " + line, sshsig.ErrUnknownSigner},
		{"expired", func(c *ssh.Certificate) { c.ValidBefore -= 2 * day }, "* cert-authority " + line, sshsig.ErrNotValid},
		{"with conditions", func(c *ssh.Certificate) { c.CriticalOptions = map[string]string{"force-command": "x"} }, "* cert-authority " + line, sshsig.ErrNotValid},
	} {
		holder, err := ssh.NewSignerFromKey(newKey(t))
		if err != nil {
			t.Fatal(err)
		}
		cert := &ssh.Certificate{Key: holder.PublicKey(), CertType: ssh.UserCert, KeyId: "me", ValidPrincipals: []string{"me@example.com"},
			ValidAfter: uint64(now.Unix()) - 3*day, ValidBefore: uint64(now.Unix()) + day}
		if tt.change != nil {
			tt.change(cert)
		}
		if err := cert.SignCert(rand.Reader, authority); err != nil {
			t.Fatal(err)
		}
		signature := sshsig.SignWith(t, holder, cert, sshsig.Parity, message)
		got, err := allowed(t, tt.allowed).Verify([]byte(message), signature, sshsig.Parity, &sshsig.VerifyOptions{At: now})
		wantError(t, tt.name, err, tt.want)
		if err == nil && got.String() != "me@example.com" {
			t.Errorf("%s: signed by %q", tt.name, got)
		}
	}
}
