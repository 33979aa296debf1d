package stamp

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path"

	"github.com/omninode-ai/onex/internal/atomicfile"
	"github.com/omninode-ai/onex/tree"
)

// restagedFile, in the staging directory, says what a run that stamps staged
// files does to git's index: what is needed to finish or undo that, too.
const restagedFile = "index"

// A restaged is what restagedFile holds.
type restaged struct {
	Old, New []tree.Entry
}

// record writes restagedFile.
func (r *restaging) record() error {
	text, err := json.Marshal(restaged{r.old, r.new})
	if err == nil {
		err = r.root.WriteFile(path.Join(r.stage, restagedFile), text, 0o600)
	}
	if err != nil {
		return ErrWrite.Wrap(err, "%s", r.stage)
	}
	return nil
}

// recoverIndex brings git's index to where the files of an interrupted run are
// brought: what the run was to make of it, or what it was. Entries that somebody
// changed since stay. A run that did not touch the index is none of its concern.
func recoverIndex(ctx context.Context, root *os.Root, stage string, forward bool) error {
	if interrupted, err := atomicfile.Interrupted(root, stage); !interrupted || err != nil {
		return nil // there is nothing to recover, or the journal says so
	}
	text, err := root.ReadFile(path.Join(stage, restagedFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var r restaged
	if err == nil {
		err = json.Unmarshal(text, &r)
	}
	if err != nil || len(r.Old) != len(r.New) {
		return ErrRead.Wrap(err, "%s", path.Join(stage, restagedFile))
	}
	index, err := tree.OpenIndex(ctx, root)
	if err != nil {
		return err
	}
	now, err := index.Files(ctx)
	if err != nil {
		return err
	}
	from, to := r.Old, r.New
	if !forward {
		from, to = to, from
	}
	var old, new []tree.Entry
	for i, e := range from {
		if now[e.Path] == e {
			old, new = append(old, e), append(new, to[i])
		}
	}
	if len(old) == 0 {
		return nil
	}
	return index.Replace(ctx, old, new)
}
