package atomicfile

import (
	"errors"
	"os"
	"path"
)

// oldSuffix names the second name of an old file during an exchange.
const oldSuffix = ".old"

// exchangeByLink makes tmp, in the directory dir, and name, both below root,
// trade places where the system cannot do so in one step: the old file gets a
// second name beside tmp, then tmp is renamed over it. At every moment name is
// one of the two.
func exchangeByLink(root *os.Root, dir, tmp, name string) error {
	tmp = path.Join(dir, tmp)
	old := tmp + oldSuffix
	if err := root.Link(name, old); err != nil {
		return ErrUnsupported.Wrap(err, "%s", name)
	}
	if err := root.Rename(tmp, name); err != nil {
		return errors.Join(err, root.Remove(old))
	}
	return root.Rename(old, tmp)
}

// createByLink moves tmp, in the directory dir, to name, where nothing may be
// yet: a link, unlike a rename, does not replace.
func createByLink(root *os.Root, dir, tmp, name string) error {
	tmp = path.Join(dir, tmp)
	if err := root.Link(tmp, name); err != nil {
		return err
	}
	return root.Remove(tmp)
}
