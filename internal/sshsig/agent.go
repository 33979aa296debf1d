package sshsig

import (
	"bytes"
	"context"
	"net"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

// byAgent returns a signer with a key that ssh-agent holds. It is connected to when
// there is something to sign, so that nothing has to be closed.
func (o SignerOptions) byAgent(key ssh.PublicKey, name string) (*Signer, error) {
	if _, err := algorithmOf(key, name); err != nil {
		return nil, err
	}
	if o.AgentSocket == "" {
		return nil, ErrAgent.With("%q is a public key, and SSH_AUTH_SOCK names no agent that holds its private half", name)
	}
	return &Signer{key: key, sign: func(ctx context.Context, content []byte) (*ssh.Signature, error) {
		return agentSign(ctx, o.AgentSocket, key, content)
	}}, nil
}

// agentSign lasts as long as the agent likes, which may wait for a person to touch a
// token, and at most as long as ctx.
func agentSign(ctx context.Context, socket string, key ssh.PublicKey, content []byte) (*ssh.Signature, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "unix", socket)
	if err != nil {
		return nil, ErrAgent.Wrap(err, "it does not answer")
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	client := agent.NewClient(conn)
	held, err := client.List()
	if err != nil {
		return nil, ErrAgent.Wrap(err, "it does not list its keys")
	}
	for _, k := range held {
		if bytes.Equal(k.Marshal(), key.Marshal()) {
			return agentSignature(client, key, content)
		}
	}
	return nil, ErrAgent.With("it does not hold %s (%d others)", fingerprint(key), len(held))
}

func agentSignature(client agent.ExtendedAgent, key ssh.PublicKey, content []byte) (*ssh.Signature, error) {
	var flags agent.SignatureFlags
	if keyKind(key) == ssh.KeyAlgoRSA {
		flags = agent.SignatureFlagRsaSha512
	}
	signature, err := client.SignWithFlags(key, content, flags)
	if err != nil {
		return nil, ErrAgent.Wrap(err, "it refuses to sign with %s", fingerprint(key))
	}
	return signature, nil
}
