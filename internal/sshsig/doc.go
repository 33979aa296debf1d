// Package sshsig signs documents with OpenSSH keys and verifies such signatures:
// the format of ssh-keygen -Y sign and -Y verify, armored, byte for byte. People
// who sign their commits with ssh have the key and the agent already, and can
// check everything that ONEX signs without ONEX.
//
//	signer, err := sshsig.Open(ctx, "~/.ssh/id_ed25519", &sshsig.SignerOptions{...})
//	signature, err := signer.Sign(ctx, sshsig.Manifest, document)
//	...
//	allowed, err := sshsig.ParseAllowedSigners(file)
//	who, err := allowed.Verify(document, signature, sshsig.Manifest, nil)
//
// A signature says which key signed these bytes, for which purpose (the
// [Namespace]). That the key is a colleague's, and may sign for this purpose now,
// is said by the file allowed_signers, as ssh-keygen(1) describes it under
// ALLOWED SIGNERS: principals, namespaces, valid-after, valid-before and
// cert-authority mean here what they mean there. Verify therefore fails in one of
// these ways, each with an error of its own: the signature is damaged
// ([ErrMalformed]), was made for another purpose ([ErrNamespace]), is not of these
// bytes ([ErrMismatch]), is by a key that is not listed ([ErrUnknownSigner]) or
// not valid at that time ([ErrNotValid]).
//
// Keys are Ed25519, ECDSA, RSA (with SHA-2 only) and the hardware-backed forms of
// the first two. DSA keys and SHA-1 signatures, which ssh-keygen still reads, are
// refused. A private key protected by a passphrase is used through ssh-agent: this
// package never asks for a passphrase. Time is the verifier's clock, because a
// signature holds none.
//
// Values are immutable and safe for concurrent use. To test against this package,
// make a key with ssh-keygen or with crypto/ed25519 and write an allowed_signers
// line by [Signer.AllowedLine].
package sshsig

// A Namespace is the purpose of a signature. A signature made for one purpose is
// not valid for another, however the bytes look.
type Namespace string

// The purposes for which ONEX signs.
const (
	Manifest Namespace = "onex-manifest" // the stamped files of a directory
	Node     Namespace = "onex-node"     // a node's manifest and contract
	Parity   Namespace = "onex-parity"   // a receipt of a parity run
	Audit    Namespace = "onex-audit"    // the head of an audit log
)

// Namespaces returns all purposes.
func Namespaces() []Namespace { return []Namespace{Manifest, Node, Parity, Audit} }
