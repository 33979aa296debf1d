package sshsig

import "golang.org/x/crypto/ssh"

// formats returns the kinds of signature that are accepted from a kind of key; none
// means that the key is of no use here. An RSA key signs by SHA-2 only.
func formats(kind string) []string {
	switch kind {
	case ssh.KeyAlgoRSA:
		return []string{ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256}
	case ssh.KeyAlgoED25519, ssh.KeyAlgoSKED25519, ssh.KeyAlgoSKECDSA256,
		ssh.KeyAlgoECDSA256, ssh.KeyAlgoECDSA384, ssh.KeyAlgoECDSA521:
		return []string{kind}
	}
	return nil
}

// keyKind returns the kind of key, looking through a certificate.
func keyKind(key ssh.PublicKey) string {
	if cert, ok := key.(*ssh.Certificate); ok {
		key = cert.Key
	}
	return key.Type()
}

func fingerprint(key ssh.PublicKey) string {
	if cert, ok := key.(*ssh.Certificate); ok {
		key = cert.Key
	}
	return ssh.FingerprintSHA256(key)
}
