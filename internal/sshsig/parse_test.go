package sshsig_test

import (
	"bytes"
	//lint:ignore SA1019 to see it refused
	"crypto/dsa"
	"crypto/rand"
	"crypto/rsa"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/crypto/ssh"

	"github.com/omninode-ai/onex/internal/sshsig"
)

func TestParseRefuses(t *testing.T) {
	signer, err := ssh.NewSignerFromKey(newKey(t))
	if err != nil {
		t.Fatal(err)
	}
	good := sshsig.Wire{Version: 1, Namespace: "onex-manifest", Hash: "sha512"}
	for name, change := range map[string]func(*sshsig.Wire){
		"version 2":                 func(w *sshsig.Wire) { w.Version = 2 },
		"a reserved field in use":   func(w *sshsig.Wire) { w.Reserved = []byte("x") },
		"an unknown hash":           func(w *sshsig.Wire) { w.Hash = "md5" },
		"bytes after the signature": func(w *sshsig.Wire) { w.Signature = []byte("more") },
	} {
		w := good
		change(&w)
		_, err := sshsig.Parse(sshsig.Forge(t, signer, signer.PublicKey(), w, message))
		wantError(t, name, err, sshsig.ErrMalformed)
	}
	if _, err := sshsig.Parse(sshsig.Forge(t, signer, signer.PublicKey(), good, message)); err != nil {
		t.Errorf("unchanged: %v", err)
	}
}

func TestWeakSignaturesAreRefused(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	byRSA, err := ssh.NewSignerFromKey(key) // signs with SHA-1
	if err != nil {
		t.Fatal(err)
	}
	_, err = sshsig.Parse(sshsig.SignWith(t, byRSA, byRSA.PublicKey(), sshsig.Node, message))
	wantError(t, "RSA with SHA-1", err, sshsig.ErrMalformed)

	old := &dsa.PrivateKey{}
	if err := dsa.GenerateParameters(&old.Parameters, rand.Reader, dsa.L1024N160); err != nil {
		t.Fatal(err)
	}
	if err := dsa.GenerateKey(old, rand.Reader); err != nil {
		t.Fatal(err)
	}
	byDSA, err := ssh.NewSignerFromKey(old)
	if err != nil {
		t.Fatal(err)
	}
	_, err = sshsig.Parse(sshsig.SignWith(t, byDSA, byDSA.PublicKey(), sshsig.Node, message))
	wantError(t, "DSA", err, sshsig.ErrMalformed)
	_, err = sshsig.ParseAllowedSigners(append([]byte("me "), ssh.MarshalAuthorizedKey(byDSA.PublicKey())...))
	wantError(t, "DSA in allowed_signers", err, sshsig.ErrAllowedSigners)
}

func TestAllowedSignersRefuses(t *testing.T) {
	line := open(t, writeKey(t, newKey(t), ""), nil).AllowedLine("me")
	key := line[bytes.Index([]byte(line), []byte("ssh-")):]
	allowed(t, "# comment\r\n\r\n"+line+`"me and you" namespaces="a,b",CERT-AUTHORITY `+key)
	for name, text := range map[string]string{
		"a line without a key":         "me\n",
		"a line without principals":    key,
		"a damaged key":                "me ssh-ed25519 AAAAC3NzaC1lZDI1NTE5\n",
		"an open quote":                `"me ` + key,
		"an unknown option":            `me no-touch-required="x" ` + key,
		"an unknown word":              "me restrict " + key,
		"namespaces without quotes":    "me namespaces=file " + key,
		"no namespaces":                `me namespaces="" ` + key,
		"namespaces twice":             `me namespaces="a",namespaces="b" ` + key,
		"a time without quotes":        "me valid-after=20200101 " + key,
		"a time that is none":          `me valid-before="tomorrow" ` + key,
		"a month too much":             `me valid-before="20201301" ` + key,
		"a time twice":                 `me valid-before="20201201",valid-before="20211201" ` + key,
		"a value for cert-authority":   `me cert-authority="yes" ` + key,
		"a good line and then another": line + "and\n",
		"more than can be":             string(bytes.Repeat([]byte(line), 1<<20/len(line)+1)),
	} {
		_, err := sshsig.ParseAllowedSigners([]byte(text))
		wantError(t, name, err, sshsig.ErrAllowedSigners)
	}
}

func TestReadAllowedSigners(t *testing.T) {
	dir := t.TempDir()
	_, err := sshsig.ReadAllowedSigners(filepath.Join(dir, "absent"))
	wantError(t, "absent", err, sshsig.ErrNoAllowedSigners)
	_, err = sshsig.ReadAllowedSigners(dir)
	wantError(t, "a directory", err, sshsig.ErrAllowedSigners)
	name := filepath.Join(dir, "allowed_signers")
	if err := os.WriteFile(name, []byte("# nobody\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := sshsig.ReadAllowedSigners(name); err != nil {
		t.Error(err)
	}
}

// FuzzParse: whatever is read as a signature is written and read again as itself.
func FuzzParse(f *testing.F) {
	for _, name := range []string{"ed25519", "ecdsa", "rsa", "certificate"} {
		f.Add(read(f, "testdata/vectors", name+".sig"))
	}
	a := allowed(f, string(read(f, "testdata/vectors/allowed_signers")))
	f.Fuzz(func(t *testing.T, armored []byte) {
		s, err := sshsig.Parse(armored)
		if err != nil {
			wantError(t, "parse", err, sshsig.ErrMalformed)
			return
		}
		again, err := sshsig.Parse(s.Armor())
		if err != nil || !bytes.Equal(again.Armor(), s.Armor()) {
			t.Errorf("%q: read again: %v", armored, err)
		}
		if _, err := a.Verify([]byte("another message"), armored, s.Namespace, nil); err == nil {
			t.Errorf("%q verifies for a message that nobody signed", armored)
		}
	})
}

func FuzzAllowedSigners(f *testing.F) {
	f.Add(string(read(f, "testdata/vectors/allowed_signers")))
	f.Add(`"a b" valid-after="20200101",namespaces="x\",y" ssh-ed25519 AAAA` + "\n#\n")
	signature := read(f, "testdata/vectors/ed25519.sig")
	f.Fuzz(func(t *testing.T, text string) {
		a, err := sshsig.ParseAllowedSigners([]byte(text))
		if err != nil {
			wantError(t, "parse", err, sshsig.ErrAllowedSigners)
			return
		}
		_, _ = a.Verify([]byte(message), signature, sshsig.Manifest, nil)
	})
}
