package parity

import (
	"errors"
	"io/fs"
	"path"
	"path/filepath"
	"slices"

	"github.com/omninode-ai/onex/internal/atomicfile"
	"github.com/omninode-ai/onex/node"
)

// An acceptance is a difference that is known, and whether it was met.
type acceptance struct {
	node.Acceptance
	met bool
}

// readAcceptances reads the differences that the node's directory accepts.
func (c *checker) readAcceptances() {
	data, err := atomicfile.ReadFile(filepath.Join(c.Dir, node.AcceptFile))
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	var all []node.Acceptance
	if err == nil {
		all, err = node.ParseAcceptances(data)
	}
	if err != nil {
		c.fail(CheckAccepted, err)
		return
	}
	for _, a := range all {
		c.accepted = append(c.accepted, &acceptance{Acceptance: a})
	}
}

// accepts returns why a difference is accepted; empty when it is not. What an
// example expects is never a matter of acceptance.
func (c *checker) accepts(r Result) string {
	if r.Check != CheckParity {
		return ""
	}
	for _, a := range c.accepted {
		match, err := path.Match(a.Path, string(r.Path))
		if err != nil || !match || a.Example != string(r.Tool)+"/"+r.Example {
			continue
		}
		if !slices.ContainsFunc(r.Differs, func(f Field) bool { return !slices.Contains(a.Differs, string(f)) }) {
			a.met = true
			return a.Reason
		}
	}
	return ""
}

// stale fails for accepted differences that are none any more, once everything
// was run.
func (c *checker) stale() {
	if c.r.o.Example != "" || len(c.r.o.Paths) > 0 || c.r.stopped.Load() {
		return
	}
	for _, a := range c.accepted {
		ran := slices.ContainsFunc(c.r.report.Paths, func(p PathInfo) bool { match, err := path.Match(a.Path, string(p.Path)); return match && err == nil })
		if !a.met && ran {
			c.fail(CheckAccepted, ErrStaleAcceptance.With("%s on %s: %s", a.Example, a.Path, a.Reason))
		}
	}
}
