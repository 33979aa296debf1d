package natsd

import (
	"crypto/tls"
	"crypto/x509"
	"os"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// tlsTimeout bounds a handshake, so that who connects and says nothing is cut off.
const tlsTimeout = 5 * time.Second

// secure makes those who come through Listen use TLS, as o says. Those in this
// process, and those whom the door lets in, need none.
func secure(o *Options, opts *server.Options) error {
	if o.Cert == "" && o.Key == "" && o.ClientCA == "" {
		return nil
	}
	certificate, err := tls.LoadX509KeyPair(o.Cert, o.Key)
	if err != nil {
		return ErrListen.Wrap(err, "certificate %q, key %q", o.Cert, o.Key)
	}
	opts.TLS, opts.TLSTimeout = true, tlsTimeout.Seconds()
	opts.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{certificate}}
	if o.ClientCA == "" {
		return nil
	}
	text, err := os.ReadFile(o.ClientCA)
	if err != nil {
		return ErrListen.Wrap(err, "authorities of clients")
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return ErrListen.With("%s holds no certificate in PEM", o.ClientCA)
	}
	opts.TLSVerify, opts.TLSConfig.ClientCAs, opts.TLSConfig.ClientAuth = true, pool, tls.RequireAndVerifyClientCert
	return nil
}
