package app

import (
	"strconv"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/omninode-ai/onex/registry/lease"
)

// parsePorts reads `ports:` of onex.yaml.
func parsePorts(path string, value *yaml.Node) (lease.Policy, error) {
	p := lease.Policy{Purposes: map[string]lease.Purpose{}}
	err := members(path, value, func(key, value *yaml.Node) error {
		if key.Value != "purposes" {
			return purposeKey(path, &p.Default, key, value)
		}
		return members(path, value, func(name, value *yaml.Node) error {
			var u lease.Purpose
			err := members(path, value, func(key, value *yaml.Node) error { return purposeKey(path, &u, key, value) })
			p.Purposes[name.Value] = u
			return err
		})
	})
	if err != nil {
		return p, err
	}
	if err := p.Check(); err != nil {
		return p, ErrConfig.Wrap(err, "%s:%d: ports", path, value.Line)
	}
	return p, nil
}

func purposeKey(path string, u *lease.Purpose, key, value *yaml.Node) error {
	var err error
	switch key.Value {
	case "range":
		u.Range, err = lease.ParseRange(value.Value)
	case "ttl_ms":
		var ms int
		ms, err = strconv.Atoi(value.Value)
		u.TTL = time.Duration(ms) * time.Millisecond
	case "max":
		u.Max, err = strconv.Atoi(value.Value)
	case "per_requester":
		u.PerRequester, err = strconv.Atoi(value.Value)
	default:
		return ErrConfig.With("%s:%d: ports: %q is not one of range, ttl_ms, max, per_requester, purposes", path, key.Line, key.Value)
	}
	if err != nil {
		return ErrConfig.Wrap(err, "%s:%d: ports: %s: %q", path, value.Line, key.Value, value.Value)
	}
	return nil
}

// members calls f for each member of a mapping, none of which may be there twice.
func members(path string, m *yaml.Node, f func(key, value *yaml.Node) error) error {
	if m.Kind != yaml.MappingNode {
		return ErrConfig.With("%s:%d: a mapping is expected", path, m.Line)
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(m.Content); i += 2 {
		key := m.Content[i]
		if seen[key.Value] {
			return ErrConfig.With("%s:%d: %s is set twice", path, key.Line, key.Value)
		}
		seen[key.Value] = true
		if err := f(key, m.Content[i+1]); err != nil {
			return err
		}
	}
	return nil
}
