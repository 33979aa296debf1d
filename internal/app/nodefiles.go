package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/internal/nodes/treegenerator"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/parity"
	"github.com/omninode-ai/onex/stamp"
	"github.com/omninode-ai/onex/tree"
)

// NodeFiles returns what parity checks of the directory of a node beside what it
// runs: that the metadata of its manifest and its contract is current, and that it
// holds what its .onextree says. What has neither is left alone.
func NodeFiles() []parity.FileCheck {
	return []parity.FileCheck{
		{Check: parity.CheckMetadata, Run: nodeMetadata},
		{Check: parity.CheckTree, Run: nodeTree},
	}
}

// nodeMetadata checks the stamps of the files that every node has.
func nodeMetadata(ctx context.Context, dir string) (string, error) {
	root, below, err := projectOf(dir)
	if err != nil {
		return "", err
	}
	defer root.Close()
	var own []string
	for _, name := range []string{node.ManifestFile, node.ContractFile} {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			own = append(own, path.Join(below, name))
		}
	}
	if len(own) == 0 {
		return "", nil
	}
	report, err := stamp.Check(ctx, root, &stamp.Options{Paths: own, All: true, NoCache: true})
	if err != nil {
		return "", err
	}
	return stampsOf(own, report.Files)
}

// stampsOf sums up what a check found of some files.
func stampsOf(own []string, found []stamp.Finding) (string, error) {
	var current []string
	var errs []error
	for _, f := range found {
		switch {
		case !slices.Contains(own, f.Path):
		case f.State == stamp.OK:
			current = append(current, path.Base(f.Path))
		case f.State != stamp.Unstamped && f.State != stamp.Skipped:
			errs = append(errs, fmt.Errorf("%s is %s: %s", f.Path, f.State, f.Message))
		}
	}
	if len(errs) > 0 || len(current) == 0 {
		return "", errors.Join(errs...)
	}
	return "the metadata is current: " + strings.Join(current, ", "), nil
}

// projectOf opens the project that a directory belongs to, and says where in it
// the directory lies. A directory that belongs to none is its own.
func projectOf(dir string) (root *os.Root, below string, err error) {
	at, err := tree.ProjectRoot(dir)
	if errors.Is(err, tree.ErrNoProject) {
		at, err = filepath.Abs(dir)
	}
	if err != nil {
		return nil, "", err
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, "", err
	}
	if below, err = filepath.Rel(at, abs); err != nil {
		return nil, "", err
	}
	root, err = os.OpenRoot(at)
	return root, filepath.ToSlash(below), err
}

// afterwards are files that parity itself writes beside a node; a record made
// before cannot have them.
var afterwards = []string{host.ReceiptFile, host.ReportFile}

// nodeTree compares the directory with its record.
func nodeTree(ctx context.Context, dir string) (string, error) {
	found, err := treegenerator.Compare(ctx, dir)
	if errors.Is(err, tree.ErrNoRecord) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	var errs []error
	for _, d := range found.Drift {
		if !slices.Contains(afterwards, d.Path) {
			errs = append(errs, errors.New(d.Message))
		}
	}
	if len(errs) > 0 {
		return "", errors.Join(errs...)
	}
	return tree.FileName + " agrees with the directory", nil
}
