package stamp

import (
	"errors"
	"io/fs"
	"os"

	"github.com/omninode-ai/onex/internal/atomicfile"
	"github.com/omninode-ai/onex/meta"
)

// Init makes root a project: it writes project.onex.yaml with the fields of b.
// Owner, author and copyright are required, and no value may be one that a block
// must not have; the errors are [meta.ErrMissing] and [meta.ErrInvalid]. A file
// that exists is left as it is, with [ErrProjectExists].
func Init(root *os.Root, b meta.Block) error {
	text := meta.Print(b)
	p, err := parseProject(text)
	if err == nil {
		err = p.Check()
	}
	if err != nil {
		return err
	}
	if _, err := root.Lstat(meta.ProjectFile); err == nil {
		return ErrProjectExists.With("%s in %s", meta.ProjectFile, root.Name())
	} else if !errors.Is(err, fs.ErrNotExist) {
		return ErrRead.Wrap(err, "%s", meta.ProjectFile)
	}
	if err := atomicfile.Write(root, meta.ProjectFile, text, 0o644); err != nil {
		return ErrWrite.Wrap(err, "%s", meta.ProjectFile)
	}
	return nil
}
