package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"

	"github.com/omninode-ai/onex/examples"
	"github.com/omninode-ai/onex/filetype"
	"github.com/omninode-ai/onex/tree"
)

// Bounds of the copy, so that the demo stays within its time on any tree.
const (
	maxCopied     = 5000
	maxCopiedSize = 200 << 20
)

// projectFile says who owns the demo's copy, where the source does not say it.
const projectFile = "project.onex.yaml"

const demoProject = `author: Demo
name: demo
namespace: demo
owner: Demo
copyright: Demo
license: Apache-2.0
`

// copyTree copies the files of a project, not its repository: the copy is a
// tree of its own. A tree without a file that can be stamped, such as an empty
// directory, gets an example: whoever tries onex may have nothing yet.
func copyTree(ctx context.Context, from, to string) error {
	src, err := os.OpenRoot(from)
	if err != nil {
		return err
	}
	defer src.Close()
	dst, err := os.OpenRoot(to)
	if err != nil {
		return err
	}
	defer dst.Close()
	files, _, err := tree.List(ctx, src, nil)
	if err != nil {
		return err
	}
	var size int64
	for i, f := range files {
		if size += f.Size; i == maxCopied || size > maxCopiedSize {
			break
		}
		if f.Path == "onex.yaml" {
			continue // the demo has settings of its own
		}
		if err := copyFile(src, dst, f.Path); err != nil {
			return err
		}
	}
	if !slices.ContainsFunc(files, stampable(filetype.Standard())) {
		if _, err := examples.Write(to, "greeter"); err != nil {
			return err
		}
	}
	if _, err := dst.Lstat(projectFile); err == nil {
		return nil
	}
	return dst.WriteFile(projectFile, []byte(demoProject), 0o644)
}

// stampable returns whether a block can be put into a file and leave a body that
// can take one more line.
func stampable(types *filetype.Set) func(tree.File) bool {
	return func(f tree.File) bool {
		_, ok := types.Find(f.Path, nil)
		return ok && !filetype.WholeDocument(f.Path)
	}
}

func copyFile(src, dst *os.Root, name string) error {
	in, err := src.Open(name)
	if err != nil {
		return err
	}
	defer in.Close()
	if err := dst.MkdirAll(path.Dir(name), 0o755); err != nil {
		return err
	}
	out, err := dst.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// textFile returns a file of the copy whose body can take one more line: the
// README, or else the first file of a handled type.
func (s *stage) textFile(ctx context.Context) (string, error) {
	root, err := os.OpenRoot(s.tree)
	if err != nil {
		return "", err
	}
	defer root.Close()
	files, _, err := tree.List(ctx, root, nil)
	if err != nil {
		return "", err
	}
	fits, first := stampable(filetype.Standard()), ""
	for _, f := range files {
		if f.Path == "README.md" {
			return f.Path, nil
		}
		if first == "" && fits(f) {
			first = f.Path
		}
	}
	if first == "" {
		return "", fmt.Errorf("%s holds no file that can be stamped", s.Source)
	}
	return first, nil
}
