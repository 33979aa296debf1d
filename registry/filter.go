package registry

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"

	"github.com/Masterminds/semver/v3"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/node"
)

// ErrFilter is returned for a filter of nodes that cannot be understood: a
// version range that is none, or a word that is no status or level of trust.
var ErrFilter = fault.New("ONEX_NODE_REGISTRY_111_INVALID_FILTER", fault.Invalid, "invalid filter of nodes")

// A Filter says which nodes are meant: those that fit every field that is set.
// The zero value means all.
type Filter struct {
	Names    []string      // ids, names, name@version, or beginnings of ids
	Tool     node.ToolName // that they offer
	Versions string        // a semver range of the node's version, as in ^1.2
	Statuses []node.Status // one of these
	Trust    node.Trust    // at least this level
	Tag      string        // that their manifest has

	// Capability is one that their manifest names.
	Capability string
}

// Select returns the instances that f means, sorted by name, version and id (see
// [Client.Nodes]). It fails with [ErrFilter] and [ErrUnavailable].
func (c *Client) Select(ctx context.Context, f Filter) ([]event.NodeEntry, error) {
	fits, err := f.compile()
	if err != nil {
		return nil, err
	}
	// Tags and capabilities are known from the manifest only.
	detail := f.Tag != "" || f.Capability != ""
	entries, err := c.Nodes(ctx, event.NodeDiscoveryRequest{NodeFilter: f.Names, Statuses: f.Statuses, Detail: detail})
	return slices.DeleteFunc(entries, func(n event.NodeEntry) bool { return !fits(n) }), err
}

// Narrow reports whether f asks for more than names.
func (f Filter) Narrow() bool {
	return f.Tool != "" || f.Versions != "" || f.Trust != "" || f.Tag != "" || f.Capability != "" || len(f.Statuses) > 0
}

func (f Filter) compile() (fits func(event.NodeEntry) bool, err error) {
	versions, err := semver.NewConstraint(cmp.Or(f.Versions, "*-0"))
	if err != nil {
		return nil, ErrFilter.Wrap(err, "version %q is not a semver range", f.Versions)
	}
	return func(n event.NodeEntry) bool {
		v, err := semver.NewVersion(n.Version)
		return (f.Versions == "" || err == nil && versions.Check(v)) &&
			(f.Tool == "" || slices.Contains(n.Tools, f.Tool)) &&
			(f.Trust == "" || rank(n.Trust) >= rank(f.Trust)) &&
			(f.Tag == "" || n.Manifest != nil && slices.Contains(n.Manifest.Tags, f.Tag)) &&
			(f.Capability == "" || n.Manifest != nil && slices.Contains(capabilities(*n.Manifest), f.Capability))
	}, nil
}

// capabilities returns what a manifest says that its node can do.
func capabilities(m node.Manifest) (all []string) {
	i := slices.IndexFunc(m.Meta, func(f node.Field) bool { return f.Key == "capabilities" })
	if i >= 0 {
		_ = json.Unmarshal(m.Meta[i].Value, &all) // a checked manifest has a list of texts
	}
	return all
}

// CompareVersions compares semantic versions, and by their text what is none.
func CompareVersions(a, b string) int {
	x, errX := semver.NewVersion(a)
	y, errY := semver.NewVersion(b)
	if errX != nil || errY != nil {
		return cmp.Compare(a, b)
	}
	return x.Compare(y)
}
