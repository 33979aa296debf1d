package app

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/omninode-ai/onex/access"
	"github.com/omninode-ai/onex/internal/process"
	"github.com/omninode-ai/onex/invoke"
	"github.com/omninode-ai/onex/node"
)

// keyFile holds the secret, in the runtime directory, by which the programs of this
// user know each other's calls.
const keyFile = "caller.key"

// Caller returns the options of a client that calls tools for this user, under a name.
func (c Config) Caller(from node.Name, lg *slog.Logger) *invoke.Options {
	key, err := c.callerKey()
	if err != nil {
		lg.Warn("calls do not show that they are local", "error", err)
	}
	return &invoke.Options{From: from, Host: process.Self().Host, Log: lg, User: whoami(), Key: key, Policy: &c.Access}
}

// Guard returns what decides who may call the nodes of this process.
func (c Config) Guard(lg *slog.Logger) *access.Guard {
	return access.NewGuard(c.Access, &access.Options{
		Private: c.isPrivate,
		Key: func() access.Key {
			key, err := c.callerKey()
			if err != nil {
				lg.Warn("no caller can show that it is local", "error", err)
			}
			return key
		},
	})
}

// isPrivate reports whether only this user can reach the bus: its sockets are in
// directories of this user, and it listens nowhere else.
func (c Config) isPrivate() bool {
	switch scheme, _, _ := strings.Cut(c.Bus, ":"); scheme {
	case "ipc", "zmq+ipc":
		return true
	case "embedded":
		d, running := readDaemon(filepath.Join(c.Project.RuntimeDir, daemonFile))
		return running && !d.Open
	}
	return false
}

// callerKey reads the key, and makes it when it is not there.
func (c Config) callerKey() (access.Key, error) {
	if err := c.Project.Prepare(); err != nil {
		return nil, err
	}
	path := filepath.Join(c.Project.RuntimeDir, keyFile)
	key, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err := makeKey(path); err != nil {
			return nil, ErrRuntimeDir.Wrap(err, "%s", path)
		}
		key, err = os.ReadFile(path)
	}
	if err != nil || len(key) != access.KeySize {
		return nil, ErrRuntimeDir.Wrap(err, "%s, %d bytes", path, len(key))
	}
	return key, nil
}

// makeKey puts a new key in its place, whole, unless somebody was faster.
func makeKey(path string) error {
	key := make([]byte, access.KeySize)
	_, _ = rand.Read(key) // never fails
	f, err := os.CreateTemp(filepath.Dir(path), keyFile)
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(key)
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return os.Rename(f.Name(), path) // a file system without links
	}
	return nil
}

// whoami returns user@host, as far as they are known.
func whoami() string {
	name := "uid-" + strconv.Itoa(os.Getuid())
	if u, err := user.Current(); err == nil && u.Username != "" {
		name = u.Username
	}
	host, err := os.Hostname()
	if err != nil {
		return name
	}
	return name + "@" + host
}

// parseAccess reads `access:` of onex.yaml, a list of rules.
func parseAccess(path string, value *yaml.Node) (access.Policy, error) {
	var p access.Policy
	if value.Kind != yaml.SequenceNode {
		return p, ErrConfig.With("%s:%d: access: a list of rules is expected", path, value.Line)
	}
	for _, item := range value.Content {
		var r access.Rule
		if err := members(path, item, func(key, value *yaml.Node) error { return ruleKey(path, &r, key, value) }); err != nil {
			return p, err
		}
		if err := (access.Policy{Rules: []access.Rule{r}}).Check(); err != nil {
			return p, ErrConfig.Wrap(errors.Unwrap(err), "%s:%d: access", path, item.Line)
		}
		p.Rules = append(p.Rules, r)
	}
	return p, nil
}

func ruleKey(path string, r *access.Rule, key, value *yaml.Node) error {
	lists := map[string]*[]string{"allow": &r.Allow, "deny": &r.Deny, "callers": &r.Callers}
	limits := map[string]*int{"per_minute": &r.PerMinute, "at_once": &r.AtOnce, "max_bytes": &r.MaxBytes}
	var err error
	switch {
	case lists[key.Value] != nil && value.Kind == yaml.ScalarNode:
		*lists[key.Value] = []string{value.Value}
	case lists[key.Value] != nil:
		err = value.Decode(lists[key.Value])
	case limits[key.Value] != nil:
		*limits[key.Value], err = strconv.Atoi(value.Value)
	default:
		return ErrConfig.With("%s:%d: access: %q is not one of allow, deny, callers, per_minute, at_once, max_bytes", path, key.Line, key.Value)
	}
	if err != nil {
		return ErrConfig.Wrap(err, "%s:%d: access: %s", path, value.Line, key.Value)
	}
	return nil
}
