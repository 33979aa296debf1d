package sshsig

import "github.com/omninode-ai/onex/fault"

// ErrNoKey is returned when something is to be signed and no key is configured.
// Name a private key file, or a public key that ssh-agent holds, by --signing-key,
// ONEX_SIGNING_KEY or signing_key in onex.yaml. `ssh-keygen -t ed25519` makes one.
var ErrNoKey = fault.New("ONEX_SIGN_001_NO_KEY", fault.NotFound, "no signing key is configured").
	Hinted("name one by --signing-key, ONEX_SIGNING_KEY or signing_key in onex.yaml; ssh-keygen -t ed25519 makes one")

// ErrKey is returned when the file or text named as signing key cannot be read, is
// not an OpenSSH key, is of a kind that is not used for signatures (DSA), or may be
// read by others on this machine.
var ErrKey = fault.New("ONEX_SIGN_002_KEY_UNUSABLE", fault.Invalid, "the signing key cannot be used").
	Hinted("name an OpenSSH key file of mode 0600 (ed25519, ecdsa or rsa), or a public key that ssh-agent holds")

// ErrPassphrase is returned for a private key that is protected by a passphrase
// and is not in ssh-agent. Add it there; the agent asks for the passphrase once.
var ErrPassphrase = fault.New("ONEX_SIGN_003_KEY_LOCKED", fault.Denied, "the signing key is protected by a passphrase").
	Hinted("add it to ssh-agent: ssh-add KEYFILE")

// ErrAgent is returned when ssh-agent is needed and not running, does not hold the
// key, or refuses to sign with it. `ssh-add -L` shows the keys that it holds.
var ErrAgent = fault.New("ONEX_SIGN_004_AGENT", fault.Unavailable, "ssh-agent cannot sign").
	Hinted("start ssh-agent and add the key: ssh-add KEYFILE; ssh-add -L lists what it holds")

// ErrNoAllowedSigners is returned when a signature is to be verified and there is
// no file that says whose signatures count. Without one nobody is trusted.
var ErrNoAllowedSigners = fault.New("ONEX_SIGN_020_NO_ALLOWED_SIGNERS", fault.NotFound, "there is no allowed_signers file").
	Hinted("write .onex/allowed_signers, one line per key: NAME KEYTYPE KEY; ssh-keygen(1) has the format under ALLOWED SIGNERS")

// ErrAllowedSigners is returned for an allowed_signers file with a line that
// cannot be understood. No line of it is used, because the malformed one may be
// the one that should have restricted a key.
var ErrAllowedSigners = fault.New("ONEX_SIGN_021_ALLOWED_SIGNERS_MALFORMED", fault.Invalid, "malformed allowed_signers").
	Hinted("ssh-keygen(1) has the format under ALLOWED SIGNERS")

// ErrMalformed is returned for bytes that are not a signature as ssh-keygen -Y sign
// writes it: damaged, cut off, followed by something else, or of a kind that is not
// accepted (DSA, SHA-1). Sign again.
var ErrMalformed = fault.New("ONEX_SIGN_022_SIGNATURE_MALFORMED", fault.Corrupt, "not an SSH signature").
	Hinted("sign again")

// ErrNamespace is returned for a signature that was made for another purpose, and
// for a key that allowed_signers does not allow for this one.
var ErrNamespace = fault.New("ONEX_SIGN_023_WRONG_NAMESPACE", fault.Denied, "the signature is for another purpose").
	Hinted("sign it for this purpose, or extend namespaces= in allowed_signers")

// ErrMismatch is returned when the signature is whole, but not of these bytes by
// this key: the document changed after it was signed, or somebody tampered with one
// of the two. See what changed before you sign again.
var ErrMismatch = fault.New("ONEX_SIGN_024_SIGNATURE_MISMATCH", fault.Denied, "the signature does not fit the document").
	Hinted("the document changed after it was signed: see what changed before you sign again")

// ErrUnknownSigner is returned for a correct signature by a key that allowed_signers
// does not list, or does not list for the principal that is asked for. If you know
// whose key it is, add it.
var ErrUnknownSigner = fault.New("ONEX_SIGN_025_UNKNOWN_SIGNER", fault.Denied, "the signer is not allowed").
	Hinted("if you know whose key it is, add it to allowed_signers")

// ErrNotValid is returned for a correct signature by a listed key outside of the
// time that valid-after and valid-before (or its certificate) give it.
var ErrNotValid = fault.New("ONEX_SIGN_026_KEY_NOT_VALID", fault.Denied, "the signing key is not valid at this time").
	Hinted("sign again with a key that is valid now")
