package sshsig

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"
)

// The format: PROTOCOL.sshsig of OpenSSH.
const (
	magic   = "SSHSIG"
	version = 1

	begin = "-----BEGIN SSH SIGNATURE-----"
	end   = "-----END SSH SIGNATURE-----"
	width = 70 // characters of a line of armor, as ssh-keygen breaks them

	// MaxSignature bounds an armored signature. That of a 16384-bit RSA key in a
	// certificate with 256 principals, the most that OpenSSH makes, has about 40 KB.
	MaxSignature = 64 << 10
)

// A Signature is a signature that has been read, and not yet verified.
type Signature struct {
	Namespace Namespace // what it claims to be for

	key       ssh.PublicKey
	hash      string // the algorithm that the document was hashed by
	signature *ssh.Signature
}

// wire is the signature as it is stored, behind the magic.
type wire struct {
	Version   uint32
	Key       []byte
	Namespace string
	Reserved  []byte
	Hash      string
	Signature []byte
}

// signed is what the key signs, behind the magic.
type signed struct {
	Namespace string
	Reserved  []byte
	Hash      string
	Digest    []byte
}

// Parse reads an armored signature, strictly: nothing may precede it, nothing but
// white space may follow it, and what it holds must be of kinds that are accepted.
// It returns [ErrMalformed].
func Parse(armored []byte) (*Signature, error) {
	raw, err := dearmor(armored)
	if err != nil {
		return nil, err
	}
	body, ok := bytes.CutPrefix(raw, []byte(magic))
	var w wire
	if !ok || ssh.Unmarshal(body, &w) != nil {
		return nil, ErrMalformed.With("it does not hold the fields of a signature")
	}
	if w.Version != version || len(w.Reserved) > 0 {
		return nil, ErrMalformed.With("it is of version %d; %d is known", w.Version, version)
	}
	s := &Signature{Namespace: Namespace(w.Namespace), hash: w.Hash, signature: new(ssh.Signature)}
	if _, err := digest(s.hash, nil); err != nil {
		return nil, err
	}
	if s.key, err = ssh.ParsePublicKey(w.Key); err != nil {
		return nil, ErrMalformed.Wrap(err, "public key")
	}
	if err := ssh.Unmarshal(w.Signature, s.signature); err != nil {
		return nil, ErrMalformed.Wrap(err, "signature")
	}
	if err := s.acceptable(); err != nil {
		return nil, err
	}
	return s, nil
}

// acceptable refuses weak kinds of signature, and bytes behind one that has none:
// whoever appends to a signature makes another that verifies.
func (s *Signature) acceptable() error {
	kind := keyKind(s.key)
	if !slices.Contains(formats(kind), s.signature.Format) {
		return ErrMalformed.With("a signature of kind %q by a key of kind %q is not accepted", s.signature.Format, kind)
	}
	if len(s.signature.Rest) > 0 && !strings.HasPrefix(kind, "sk-") {
		return ErrMalformed.With("%d bytes follow the signature", len(s.signature.Rest))
	}
	return nil
}

// Armor returns the signature as ssh-keygen -Y sign writes it.
func (s *Signature) Armor() []byte {
	raw := append([]byte(magic), ssh.Marshal(wire{Version: version, Key: s.key.Marshal(), Namespace: string(s.Namespace),
		Hash: s.hash, Signature: ssh.Marshal(s.signature)})...)
	return armor(raw)
}

func armor(raw []byte) []byte {
	text := base64.StdEncoding.EncodeToString(raw)
	out := []byte(begin + "\n")
	for len(text) > width {
		out = append(append(out, text[:width]...), '\n')
		text = text[width:]
	}
	return append(append(out, text...), "\n"+end+"\n"...)
}

// Fingerprint returns the fingerprint of the key that is said to have signed, in
// the form of ssh-keygen -l.
func (s *Signature) Fingerprint() string { return fingerprint(s.key) }

func dearmor(armored []byte) ([]byte, error) {
	if len(armored) > MaxSignature {
		return nil, ErrMalformed.With("%d bytes; at most %d are possible", len(armored), MaxSignature)
	}
	text := strings.ReplaceAll(string(armored), "\r\n", "\n")
	text, begun := strings.CutPrefix(text, begin+"\n")
	text, rest, ended := strings.Cut(text, "\n"+end)
	if !begun || !ended || strings.TrimSpace(rest) != "" {
		return nil, ErrMalformed.With("%q and %q are expected around it, and nothing else", begin, end)
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(text) // skips line ends
	if err != nil {
		return nil, ErrMalformed.Wrap(err, "armor")
	}
	return raw, nil
}

// content returns the bytes that the key signs: those of the document never reach
// it, so that a signature of one format is never one of another.
func content(ns Namespace, hash string, message []byte) ([]byte, error) {
	sum, err := digest(hash, message)
	if err != nil {
		return nil, err
	}
	return append([]byte(magic), ssh.Marshal(signed{Namespace: string(ns), Hash: hash, Digest: sum})...), nil
}

func digest(hash string, message []byte) ([]byte, error) {
	switch hash {
	case "sha512":
		sum := sha512.Sum512(message)
		return sum[:], nil
	case "sha256":
		sum := sha256.Sum256(message)
		return sum[:], nil
	}
	return nil, ErrMalformed.With("hash algorithm %q; sha512 and sha256 are known", hash)
}
