package sshsig

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
)

// An Identity is who signed.
type Identity struct {
	Principals  []string // names or patterns that allowed_signers gives the key; with a certificate, its own names
	Fingerprint string   // of the key, in the form of ssh-keygen -l
}

// String returns the principals, for a person.
func (i Identity) String() string { return strings.Join(i.Principals, ",") }

// VerifyOptions narrows a verification.
type VerifyOptions struct {
	Principal string    // who must have signed; empty: anybody who is allowed to
	At        time.Time // when the key must be valid; zero: now
}

// Verify checks that signature is one of message, for ns, by a signer who is allowed
// for ns, and returns who that is. The errors are named in the package comment.
func (a *AllowedSigners) Verify(message, signature []byte, ns Namespace, opts *VerifyOptions) (Identity, error) {
	s, err := Parse(signature)
	if err != nil {
		return Identity{}, err
	}
	if s.Namespace != ns {
		return Identity{}, ErrNamespace.With("it is for %q, not for %q", s.Namespace, ns)
	}
	data, err := content(ns, s.hash, message)
	if err != nil {
		return Identity{}, err
	}
	if err := s.key.Verify(data, s.signature); err != nil {
		return Identity{}, ErrMismatch.With("signed by %s", s.Fingerprint())
	}
	o := VerifyOptions{}
	if opts != nil {
		o = *opts
	}
	if o.At.IsZero() {
		o.At = time.Now()
	}
	return a.allow(s, o)
}

// allow finds the line that lets the key sign. When there is none, the error is of
// the line that came nearest.
func (a *AllowedSigners) allow(s *Signature, o VerifyOptions) (Identity, error) {
	refused := error(ErrUnknownSigner.With("%s by %s", keyKind(s.key), s.Fingerprint()))
	for _, l := range a.lines {
		if !l.holds(s.key) {
			continue
		}
		principals, err := l.allow(s, o)
		if err == nil {
			return Identity{Principals: principals, Fingerprint: s.Fingerprint()}, nil
		}
		if errors.Is(refused, ErrUnknownSigner) {
			refused = err
		}
	}
	return Identity{}, refused
}

// holds reports whether the line is about key.
func (l allowedLine) holds(key ssh.PublicKey) bool {
	cert, isCert := key.(*ssh.Certificate)
	if isCert != l.authority {
		return false
	}
	if isCert {
		key = cert.SignatureKey
	}
	return bytes.Equal(key.Marshal(), l.key.Marshal())
}

func (l allowedLine) allow(s *Signature, o VerifyOptions) ([]string, error) {
	principals, err := l.names(s.key, o)
	switch {
	case err != nil:
		return nil, err
	case l.namespaces != "" && !matchList(string(s.Namespace), l.namespaces):
		return nil, ErrNamespace.With("line %d of allowed_signers lets %s sign for %q, not for %q", l.number, l.principals, l.namespaces, s.Namespace)
	case o.At.Before(l.after):
		return nil, ErrNotValid.With("%s is valid from %s on", l.principals, l.after.UTC().Format(time.RFC3339))
	case !l.before.IsZero() && o.At.After(l.before):
		return nil, ErrNotValid.With("%s was valid until %s", l.principals, l.before.UTC().Format(time.RFC3339))
	}
	return principals, nil
}

// names returns the principals for which key may sign under this line.
func (l allowedLine) names(key ssh.PublicKey, o VerifyOptions) ([]string, error) {
	if cert, ok := key.(*ssh.Certificate); ok {
		return l.certified(cert, o)
	}
	if o.Principal != "" && !matchList(o.Principal, l.principals) {
		return nil, ErrUnknownSigner.With("the key is that of %s, not of %s", l.principals, o.Principal)
	}
	if o.Principal != "" {
		return []string{o.Principal}, nil
	}
	return strings.Split(l.principals, ","), nil
}

// certified returns those names of a certificate that the line allows.
func (l allowedLine) certified(cert *ssh.Certificate, o VerifyOptions) ([]string, error) {
	var names []string
	for _, name := range cert.ValidPrincipals {
		if matchList(name, l.principals) && (o.Principal == "" || o.Principal == name) {
			names = append(names, name)
		}
	}
	if cert.CertType != ssh.UserCert || len(names) == 0 {
		return nil, ErrUnknownSigner.With("the certificate %q is for %q, which line %d of allowed_signers does not allow", cert.KeyId, cert.ValidPrincipals, l.number)
	}
	checker := ssh.CertChecker{Clock: func() time.Time { return o.At }}
	if err := checker.CheckCert(names[0], cert); err != nil {
		return nil, ErrNotValid.Wrap(err, "certificate %q", cert.KeyId)
	}
	return slices.Clip(names), nil
}
