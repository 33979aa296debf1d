package sshsig

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/crypto/ssh"
)

// A Signer signs with one key.
type Signer struct {
	key  ssh.PublicKey
	sign func(ctx context.Context, content []byte) (*ssh.Signature, error)
}

// SignerOptions says where keys are found. The zero value finds files only.
type SignerOptions struct {
	AgentSocket string // of ssh-agent, the value of SSH_AUTH_SOCK; empty: there is no agent
	Home        string // what "~" means; empty: nothing
	Dir         string // what relative paths start from; empty: the working directory
}

// maxKeyFile bounds a key file; a 16384-bit RSA key has 13 KB.
const maxKeyFile = 64 << 10

// Open finds the key to sign with. The name is one of
//
//   - the path of a private key: it is read, or if a passphrase protects it,
//     ssh-agent signs with it
//   - the path of a public key (*.pub), whose private half ssh-agent holds
//   - the public key itself, as in authorized_keys, with or without git's "key::"
//
// No name is [ErrNoKey]. Other errors are [ErrKey], [ErrPassphrase] and [ErrAgent];
// whether the agent holds the key turns out when it is to sign.
func Open(ctx context.Context, name string, opts *SignerOptions) (*Signer, error) {
	o := SignerOptions{}
	if opts != nil {
		o = *opts
	}
	switch literal, marked := strings.CutPrefix(name, "key::"); {
	case name == "":
		return nil, ErrNoKey
	case marked || strings.Contains(name, " AAAA"): // as the base64 of every key begins
		return o.public([]byte(literal), "the key given as text")
	}
	data, err := o.read(name)
	if err != nil {
		return nil, err
	}
	if !strings.Contains(string(data), "PRIVATE KEY-----") {
		return o.public(data, name)
	}
	return o.private(data, name)
}

func (o SignerOptions) path(name string) string {
	if rest, ok := strings.CutPrefix(name, "~/"); ok && o.Home != "" {
		return filepath.Join(o.Home, rest)
	}
	if !filepath.IsAbs(name) {
		return filepath.Join(o.Dir, name)
	}
	return name
}

func (o SignerOptions) read(name string) ([]byte, error) {
	f, err := os.Open(o.path(name))
	if err != nil {
		return nil, ErrKey.Wrap(err, "%q", name)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return nil, ErrKey.Wrap(err, "%q is not a file", name)
	}
	data, err := io.ReadAll(io.LimitReader(f, maxKeyFile+1))
	if err != nil || len(data) > maxKeyFile {
		return nil, ErrKey.Wrap(err, "%q is not a key", name)
	}
	if strings.Contains(string(data), "PRIVATE KEY-----") && shared(info) {
		return nil, ErrKey.With("%q may be read by others (mode %v)", name, info.Mode().Perm()).Hinted("chmod 600 %s", name)
	}
	return data, nil
}

// shared reports whether others on this machine can read a private key, which ssh
// refuses to use then. Windows keeps that elsewhere.
func shared(info fs.FileInfo) bool {
	return runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0
}

func (o SignerOptions) public(data []byte, name string) (*Signer, error) {
	key, _, _, _, err := ssh.ParseAuthorizedKey(data)
	if err != nil {
		return nil, ErrKey.Wrap(err, "%q", name)
	}
	return o.byAgent(key, name)
}

func (o SignerOptions) private(data []byte, name string) (*Signer, error) {
	inner, err := ssh.ParsePrivateKey(data)
	var locked *ssh.PassphraseMissingError
	if errors.As(err, &locked) {
		return o.locked(locked.PublicKey, name)
	}
	if err != nil {
		return nil, ErrKey.Wrap(err, "%q", name)
	}
	algorithm, err := algorithmOf(inner.PublicKey(), name)
	if err != nil {
		return nil, err
	}
	return &Signer{key: inner.PublicKey(), sign: func(_ context.Context, content []byte) (*ssh.Signature, error) {
		if s, ok := inner.(ssh.AlgorithmSigner); ok {
			return s.SignWithAlgorithm(rand.Reader, content, algorithm)
		}
		return inner.Sign(rand.Reader, content)
	}}, nil
}

// locked is for a private key under a passphrase: its public half, in the file or
// beside it, tells the agent which key is meant.
func (o SignerOptions) locked(key ssh.PublicKey, name string) (*Signer, error) {
	if key == nil {
		if data, err := o.read(name + ".pub"); err == nil {
			key, _, _, _, _ = ssh.ParseAuthorizedKey(data)
		}
	}
	if key == nil || o.AgentSocket == "" {
		return nil, ErrPassphrase.With("%q, and there is no ssh-agent", name).Hinted("start ssh-agent and add the key: ssh-add %s", name)
	}
	return o.byAgent(key, name)
}

func algorithmOf(key ssh.PublicKey, name string) (string, error) {
	algorithms := formats(keyKind(key))
	if len(algorithms) == 0 {
		return "", ErrKey.With("%q: keys of kind %s are not used for signatures", name, key.Type())
	}
	return algorithms[0], nil
}

// Sign returns the armored signature of message for ns: the bytes that ssh-keygen
// -Y sign -n NS writes. It returns [ErrAgent] when an agent is to sign and does not.
func (s *Signer) Sign(ctx context.Context, ns Namespace, message []byte) ([]byte, error) {
	const hash = "sha512" // the choice of ssh-keygen
	data, err := content(ns, hash, message)
	if err != nil {
		return nil, err
	}
	signature, err := s.sign(ctx, data)
	if err != nil {
		return nil, err
	}
	if err := s.key.Verify(data, signature); err != nil {
		return nil, ErrKey.Wrap(err, "the signature made by %s", s.Fingerprint())
	}
	return (&Signature{Namespace: ns, key: s.key, hash: hash, signature: signature}).Armor(), nil
}

// Fingerprint returns the fingerprint of the key, in the form of ssh-keygen -l.
func (s *Signer) Fingerprint() string { return fingerprint(s.key) }

// AllowedLine returns the line of allowed_signers that lets this key sign as
// principal for everything that ONEX signs.
func (s *Signer) AllowedLine(principal string) string {
	names := make([]string, 0, len(Namespaces()))
	for _, ns := range Namespaces() {
		names = append(names, string(ns))
	}
	return fmt.Sprintf("%s namespaces=%q %s", principal, strings.Join(names, ","), ssh.MarshalAuthorizedKey(s.key))
}
