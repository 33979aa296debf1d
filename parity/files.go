package parity

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/node"
)

// readFiles makes the checks that the caller brought along.
func (c *checker) readFiles(ctx context.Context) {
	for _, f := range c.r.o.Files {
		switch found, err := f.Run(ctx, c.Dir); {
		case err != nil:
			c.fail(f.Check, ErrFiles.Wrap(err, "%s", f.Check))
		case found != "":
			c.pass(f.Check, found)
		}
	}
}

// homogeneous checks that nodes that lie beside each other have the same files.
// A contract is missed elsewhere, so what remains is the record of the directory.
func homogeneous(all []*checker) {
	owner := map[string]string{} // of a record, by the directory that nodes lie in
	for _, c := range all {
		if c.hasTree() {
			owner[filepath.Dir(c.Dir)] = c.Name
		}
	}
	for _, c := range all {
		other, some := owner[filepath.Dir(c.Dir)]
		switch {
		case c.Dir == "" || !some:
		case c.hasTree():
			c.pass(CheckHomogeneity, "it has the files that the nodes beside it have")
		default:
			c.fail(CheckHomogeneity, ErrFiles.With("%s has a %s, and %s has none", other, host.TreeFile, c.Name))
		}
	}
}

func (c *checker) hasTree() bool {
	if c.Dir == "" {
		return false
	}
	info, err := os.Lstat(filepath.Join(c.Dir, host.TreeFile))
	return err == nil && info.Mode().IsRegular()
}

// sameTree compares the record that a program tells with the one that lies in its
// directory. A node in Go is part of a program, and has no directory when it runs.
func (c *checker) sameTree(runs string) error {
	if c.manifest.Runtime == node.Go || c.Dir == "" {
		return nil
	}
	data, err := os.ReadFile(filepath.Join(c.Dir, host.TreeFile))
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	if len(data) <= host.MaxTree && string(data) != runs {
		return fmt.Errorf("what runs tells another %s than lies beside its manifest", host.TreeFile)
	}
	return nil
}
