package natsbus_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nkeys"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/bus/natsbus"
	"github.com/omninode-ai/onex/internal/natsd"
)

// An authority signs certificates, and writes them where options want them.
type authority struct {
	t    testing.TB
	dir  string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t testing.TB, name string) *authority {
	a := &authority{t: t, dir: t.TempDir()}
	a.cert, a.key = a.issue(name, nil, nil)
	return a
}

func (a *authority) path(name string) string { return filepath.Join(a.dir, name) }

// issue makes a certificate signed by parent, or by itself, in files name.crt and
// name.key.
func (a *authority) issue(name string, parent *x509.Certificate, signer *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, BasicConstraintsValid: true, IsCA: parent == nil,
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	if parent == nil {
		parent, signer = template, key
	}
	der, createErr := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	private, keyErr := x509.MarshalPKCS8PrivateKey(key)
	if err := errors.Join(err, createErr, keyErr); err != nil {
		a.t.Fatal(err)
	}
	for file, block := range map[string]*pem.Block{
		name + ".crt": {Type: "CERTIFICATE", Bytes: der}, name + ".key": {Type: "PRIVATE KEY", Bytes: private},
	} {
		if err := os.WriteFile(a.path(file), pem.EncodeToMemory(block), 0o600); err != nil {
			a.t.Fatal(err)
		}
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		a.t.Fatal(err)
	}
	return cert, key
}

// Who comes from the network shows what the server asks for, or is refused.
func TestTLS(t *testing.T) {
	ca, stranger := newAuthority(t, "ca"), newAuthority(t, "stranger")
	ca.issue("server", ca.cert, ca.key)
	ca.issue("client", ca.cert, ca.key)
	s, err := natsd.Start(t.Context(), natsd.Options{
		Dir: t.TempDir(), Listen: "127.0.0.1:0", Token: "open", Log: quiet,
		Cert: ca.path("server.crt"), Key: ca.path("server.key"), ClientCA: ca.path("ca.crt"),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close(t.Context())
	full := natsbus.Credentials{Token: "open", CA: ca.path("ca.crt"), Cert: ca.path("client.crt"), Key: ca.path("client.key")}
	for name, tt := range map[string]struct {
		change func(*natsbus.Credentials)
		want   error
	}{
		"all that is asked": {func(*natsbus.Credentials) {}, nil},
		"no token":          {func(c *natsbus.Credentials) { c.Token = "" }, bus.ErrDenied},
		"no certificate":    {func(c *natsbus.Credentials) { c.Cert, c.Key = "", "" }, bus.ErrDenied},
		"a stranger's certificate": {func(c *natsbus.Credentials) {
			c.Cert, c.Key = stranger.path("stranger.crt"), stranger.path("stranger.key")
		}, bus.ErrDenied},
		"another authority":         {func(c *natsbus.Credentials) { c.CA = stranger.path("stranger.crt") }, bus.ErrDenied},
		"a certificate that is not": {func(c *natsbus.Credentials) { c.Cert = "/nowhere" }, bus.ErrDenied},
	} {
		t.Run(name, func(t *testing.T) {
			c := full
			tt.change(&c)
			b, err := natsbus.Dial(t.Context(), natsbus.Options{URL: "tls://" + s.Address(), Credentials: c, Log: quiet})
			if !errors.Is(err, tt.want) {
				t.Errorf("%v, want %v", err, tt.want)
			}
			if b != nil {
				if _, err := b.Publish(t.Context(), "node_start.tester", fact(1)); err != nil {
					t.Error(err)
				}
				b.Close(t.Context())
			}
		})
	}
}

// NKeys and credentials files, as an administrator gives them to people.
func TestKeysAndCredentials(t *testing.T) {
	_, public, seed := newKey(t, nkeys.CreateUser)
	nkeyURL := external(t, func(o *server.Options) { o.Nkeys = []*server.NkeyUser{{Nkey: public}} })
	seedFile := write(t, "user.nk", seed)

	account, accountKey, _ := newKey(t, nkeys.CreateAccount)
	operator, operatorKey, _ := newKey(t, nkeys.CreateOperator)
	trusted := jwt.NewOperatorClaims(operatorKey)
	accountJWT := signed(t, jwt.NewAccountClaims(accountKey), operator)
	userJWT := signed(t, jwt.NewUserClaims(public), account)
	signed(t, trusted, operator)
	jwtURL := external(t, func(o *server.Options) {
		o.TrustedOperators = []*jwt.OperatorClaims{trusted}
		resolver := new(server.MemAccResolver)
		if err := resolver.Store(accountKey, accountJWT); err != nil {
			t.Fatal(err)
		}
		o.AccountResolver = resolver
	})
	decorated, err := jwt.FormatUserConfig(userJWT, []byte(seed))
	if err != nil {
		t.Fatal(err)
	}
	creds := write(t, "user.creds", string(decorated))

	for _, tt := range []struct {
		name, url string
		c         natsbus.Credentials
		want      error
	}{
		{"nkey", nkeyURL, natsbus.Credentials{NKeySeedFile: seedFile}, nil},
		{"nkey asked for, token shown", nkeyURL, natsbus.Credentials{Token: "t"}, bus.ErrDenied},
		{"credentials", jwtURL, natsbus.Credentials{CredsFile: creds}, nil},
		{"credentials asked for, nkey shown", jwtURL, natsbus.Credentials{NKeySeedFile: seedFile}, bus.ErrDenied},
		{"credentials that are not there", jwtURL, natsbus.Credentials{CredsFile: "/nowhere"}, bus.ErrDenied},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b, err := natsbus.Dial(t.Context(), natsbus.Options{URL: tt.url, Credentials: tt.c, Log: quiet})
			if !errors.Is(err, tt.want) {
				t.Errorf("%v, want %v", err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), seed) {
				t.Errorf("the error shows the seed: %v", err)
			}
			if b != nil {
				b.Close(t.Context())
			}
		})
	}
}

func newKey(t *testing.T, create func() (nkeys.KeyPair, error)) (pair nkeys.KeyPair, public, seed string) {
	t.Helper()
	pair, err := create()
	if err != nil {
		t.Fatal(err)
	}
	public, publicErr := pair.PublicKey()
	text, err := pair.Seed()
	if err := errors.Join(publicErr, err); err != nil {
		t.Fatal(err)
	}
	return pair, public, string(text)
}

func signed(t *testing.T, c jwt.Claims, by nkeys.KeyPair) string {
	t.Helper()
	text, err := c.Encode(by)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
