package stamp

import (
	"context"
	"path"
	"slices"

	"github.com/omninode-ai/onex/tree"
)

// Dirs returns the directories below the root in which a change can change the
// plan, sorted: what to watch. See [tree.Dirs] for what it fails with.
func (p *Plan) Dirs(ctx context.Context) ([]string, error) {
	dirs, err := tree.Dirs(ctx, p.root, p.opts.listing())
	if err != nil {
		return nil, err
	}
	for _, f := range p.files { // some may be tracked in a directory that is ignored
		dirs = append(dirs, path.Dir(f.Path))
	}
	slices.Sort(dirs)
	return slices.Compact(dirs), nil
}
