package zmqbus

import (
	"crypto/subtle"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/internal/zmtp"
)

// Credentials prove who we are. Without any everybody is trusted who can reach
// the address. User and password mean PLAIN, keys mean CURVE. A key is written in
// Z85, or is the text of a file by curve_keygen, czmq or pyzmq that holds it.
type Credentials struct {
	User, Password string

	SecretKey   string   // ours; required for CURVE
	PublicKey   string   // ours; follows from SecretKey, and is compared with it when given
	ServerKey   string   // Dial: the public key of the forwarder
	AllowedKeys []string // Forward: the public keys of clients; empty lets in all who know ours
}

func (c Credentials) client() (zmtp.Mechanism, error) {
	switch {
	case c.SecretKey != "" || c.ServerKey != "":
		own, err := c.pair()
		if err != nil {
			return nil, err
		}
		if c.ServerKey == "" {
			return nil, denied(nil, "a secret key, and no key of the server")
		}
		server, err := zmtp.ParsePublicKey(c.ServerKey)
		if err != nil {
			return nil, denied(err, "server key")
		}
		return zmtp.CurveClient(own, server), nil
	case c.User != "":
		return zmtp.PlainClient(c.User, c.Password)
	}
	return zmtp.Null(), nil
}

func (c Credentials) server() (zmtp.Mechanism, error) {
	switch {
	case c.SecretKey != "":
		own, err := c.pair()
		if err != nil {
			return nil, err
		}
		allow, err := c.allow(own.Public)
		return zmtp.CurveServer(own, allow), err
	case c.User != "":
		return zmtp.PlainServer(zmtp.OneUser(c.User, c.Password)), nil
	}
	return zmtp.Null(), nil
}

// denied returns an error about credentials that cannot be used.
func denied(err error, what string) error {
	return bus.ErrDenied.Wrap(err, "%s", what).
		Hinted("with keys, everybody needs zmq_secret_key, and who connects zmq_server_key; or else bus_user and bus_password")
}

func (c Credentials) pair() (zmtp.KeyPair, error) {
	if c.SecretKey == "" {
		return zmtp.KeyPair{}, denied(nil, "a key of the server, and no secret key")
	}
	secret, err := zmtp.ParseSecretKey(c.SecretKey)
	if err != nil {
		return zmtp.KeyPair{}, denied(err, "secret key")
	}
	pair := zmtp.KeyPair{Public: zmtp.PublicOf(secret), Secret: secret}
	if c.PublicKey == "" {
		return pair, nil
	}
	public, err := zmtp.ParsePublicKey(c.PublicKey)
	if err == nil && public != pair.Public {
		err = zmtp.ErrUsage.With("it does not belong to the secret key, whose public key is %s", pair.Public)
	}
	if err != nil {
		return zmtp.KeyPair{}, denied(err, "public key")
	}
	return pair, nil
}

// allow returns nil when every client is allowed. We always are.
func (c Credentials) allow(own zmtp.Key) (func(zmtp.Key) bool, error) {
	if len(c.AllowedKeys) == 0 {
		return nil, nil
	}
	keys := []zmtp.Key{own}
	for _, text := range c.AllowedKeys {
		k, err := zmtp.ParsePublicKey(text)
		if err != nil {
			return nil, denied(err, "allowed key")
		}
		keys = append(keys, k)
	}
	return func(k zmtp.Key) bool {
		found := 0
		for _, known := range keys { // all are compared, so that time tells nothing
			found |= subtle.ConstantTimeCompare(k[:], known[:])
		}
		return found == 1
	}, nil
}
