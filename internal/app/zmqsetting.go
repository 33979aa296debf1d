package app

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/omninode-ai/onex/bus/zmqbus"
	"github.com/omninode-ai/onex/internal/zmtp"
)

// zmqSettings are those of a bus on ZeroMQ.
func zmqSettings() []Setting {
	return []Setting{
		zmq("side", "connect", "`connect` to the address, or `bind` it and let others connect, where no `onex up` does", zmqSide),
		zmq("wait_ms", "5000", "how long a program waits for somebody at the address when it starts; 0 not at all", zmqTime(func(o *zmqbus.Options) *time.Duration { return &o.Wait })),
		zmq("retry_ms", "0", "how long publishing waits for a lost connection to return before it fails", zmqTime(func(o *zmqbus.Options) *time.Duration { return &o.Retry })),
		zmq("queue", "65536", "high-water mark of what is sent: messages that wait for one peer", zmqCount(func(o *zmqbus.Options) *int { return &o.Queue })),
		zmq("queue_bytes", "67108864", "the same in bytes", zmqCount(func(o *zmqbus.Options) *int { return &o.Bytes })),
		zmq("receive_queue", "1000", "high-water mark of what is received: messages of one peer that nobody has taken", zmqCount(func(o *zmqbus.Options) *int { return &o.ReceiveQueue })),
		zmq("receive_bytes", "16777216", "the same in bytes", zmqCount(func(o *zmqbus.Options) *int { return &o.ReceiveBytes })),
		zmq("policy", "drop_oldest", "what a forwarder does when a subscriber's queue is full: `drop_oldest`, `drop_newest`, `disconnect`", zmqPolicy),
		zmq("max_message", strconv.Itoa(zmqbus.MaxFrame), "bytes of a received message; who sends more is disconnected", zmqCount(func(o *zmqbus.Options) *int { return &o.MaxFrame })),
		zmq("connections", "16384", "that a forwarder has at a time", zmqCount(func(o *zmqbus.Options) *int { return &o.Connections })),
		zmq("heartbeat_ms", "5000", "between PINGs; 0 sends none", zmqTime(func(o *zmqbus.Options) *time.Duration { return &o.Heartbeat })),
		zmq("heartbeat_timeout_ms", "", "a peer silent for so long is lost; 0 never; by default three heartbeats", zmqTime(func(o *zmqbus.Options) *time.Duration { return &o.HeartbeatTimeout })),
		zmq("heartbeat_ttl_ms", "", "after so long without a sign a peer takes us for lost; 0 never; by default heartbeat_timeout", zmqTime(func(o *zmqbus.Options) *time.Duration { return &o.HeartbeatTTL })),
		zmq("handshake_timeout_ms", "10000", "until a peer must have introduced itself", zmqTime(func(o *zmqbus.Options) *time.Duration { return &o.Handshake })),
		zmq("reconnect_min_ms", "20", "bound of the first, random pause before connecting again", zmqTime(func(o *zmqbus.Options) *time.Duration { return &o.ReconnectMin })),
		zmq("reconnect_max_ms", "2000", "the bound doubles up to this", zmqTime(func(o *zmqbus.Options) *time.Duration { return &o.ReconnectMax })),
		zmq("linger_ms", "2000", "what is queued is sent for so long when a program ends; 0 not at all", zmqTime(func(o *zmqbus.Options) *time.Duration { return &o.Linger })),
		zmq("plain", "false", "`true`: publish messages of two frames, for foreign programs that insist on it", zmqBool(func(o *zmqbus.Options) *bool { return &o.Plain })),
		zmq("unconfirmed", "false", "`true`: subscribe also where the peer is a plain PUB, which cannot confirm; the first events may be lost", zmqBool(func(o *zmqbus.Options) *bool { return &o.Unconfirmed })),
		zmqKey("secret_key", "our secret key; asks for CURVE", readText, true, func(c *zmqbus.Credentials) *string { return &c.SecretKey }),
		zmqKey("server_key", "public key of the forwarder, for those who connect", readText, false, func(c *zmqbus.Credentials) *string { return &c.ServerKey }),
		zmqAllowed(),
	}
}

// zmq returns a setting; without a value the option keeps its default.
func zmq(name, byDefault, doc string, set func(*zmqbus.Options, string) error) Setting {
	return Setting{
		Key: "zmq_" + name, Env: []string{"ONEX_ZMQ_" + strings.ToUpper(name)}, Default: byDefault, Doc: doc,
		set: func(c *Config, v string) error {
			if v == "" {
				return nil
			}
			return set(&c.ZMQ, v)
		},
	}
}

func zmqKey(name, doc string, read func(string) (string, error), secret bool, at func(*zmqbus.Credentials) *string) Setting {
	s := zmq(name, "", doc, func(o *zmqbus.Options, v string) error {
		*at(&o.Credentials) = v
		return nil
	})
	s.Secret, s.file = secret, read
	return s
}

// zmqAllowed takes keys separated by commas or white space, which no key has.
func zmqAllowed() Setting {
	s := zmq("allowed_keys", "", "public keys of the clients that a forwarder lets in, separated by commas; as a file one a line, or a directory of certificates (`*.key`); without it, everybody who knows the forwarder's key", func(o *zmqbus.Options, v string) error {
		for _, key := range strings.FieldsFunc(v, func(r rune) bool { return r == ',' || r == ' ' || r == '\n' || r == '\t' || r == '\r' }) {
			if _, err := zmtp.ParsePublicKey(key); err != nil {
				return err
			}
			o.Credentials.AllowedKeys = append(o.Credentials.AllowedKeys, key)
		}
		return nil
	})
	s.file = readKeys
	return s
}

func zmqSide(o *zmqbus.Options, v string) error {
	switch v {
	case "bind":
		o.Bind = true
	case "connect":
		o.Bind = false
	default:
		return fmt.Errorf("%q is not one of connect, bind", v)
	}
	return nil
}

func zmqPolicy(o *zmqbus.Options, v string) error {
	switch p := zmtp.Policy(v); p {
	case zmtp.DropOldest, zmtp.DropNewest, zmtp.Disconnect:
		o.Policy = p
		return nil
	}
	return fmt.Errorf("%q is not one of drop_oldest, drop_newest, disconnect", v)
}

// zmqTime reads milliseconds; 0 is what negative options say: not at all.
func zmqTime(at func(*zmqbus.Options) *time.Duration) func(*zmqbus.Options, string) error {
	return func(o *zmqbus.Options, v string) error {
		n, err := strconv.ParseUint(v, 10, 31)
		if err != nil {
			return fmt.Errorf("%q is not a number of milliseconds", v)
		}
		*at(o) = time.Duration(n) * time.Millisecond
		if n == 0 {
			*at(o) = -1
		}
		return nil
	}
}

func zmqCount(at func(*zmqbus.Options) *int) func(*zmqbus.Options, string) error {
	return func(o *zmqbus.Options, v string) error {
		n, err := strconv.ParseUint(v, 10, 31)
		if err != nil || n == 0 {
			return fmt.Errorf("%q is not a number above 0", v)
		}
		*at(o) = int(n)
		return nil
	}
}

func zmqBool(at func(*zmqbus.Options) *bool) func(*zmqbus.Options, string) error {
	return func(o *zmqbus.Options, v string) error {
		if v != "true" && v != "false" {
			return fmt.Errorf("%q is not one of true, false", v)
		}
		*at(o) = v == "true"
		return nil
	}
}

// maxSecret bounds a file that holds a token or keys; a thousand keys fit.
const maxSecret = 64 << 10

// readText reads a file that holds one value. It never says what it holds.
func readText(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if info.Size() > maxSecret {
		return "", fmt.Errorf("%s has %d bytes, more than %d", path, info.Size(), maxSecret)
	}
	data, err := os.ReadFile(path)
	text := strings.TrimSpace(string(data))
	if err == nil && text == "" {
		err = fmt.Errorf("%s is empty", path)
	}
	return text, err
}

// readKeys reads public keys: one a line, one certificate, or all of a directory.
func readKeys(path string) (string, error) {
	if info, err := os.Stat(path); err != nil {
		return "", err
	} else if !info.IsDir() {
		text, err := readText(path)
		if key, keyErr := zmtp.ParsePublicKey(text); keyErr == nil {
			return key.String(), nil
		}
		return text, err
	}
	names, err := filepath.Glob(filepath.Join(path, "*.key"))
	if err != nil {
		return "", err
	}
	var keys []string
	for _, name := range names {
		text, err := readText(name)
		if err != nil {
			return "", err
		}
		key, err := zmtp.ParsePublicKey(text)
		if err != nil {
			return "", fmt.Errorf("%s: %w", name, err)
		}
		keys = append(keys, key.String())
	}
	if len(keys) == 0 {
		return "", fmt.Errorf("%s holds no certificate (*.key)", path)
	}
	return strings.Join(keys, "\n"), nil
}
