package artifact

import (
	"context"
	"encoding/json"
	"os"
	"slices"
	"strings"

	"github.com/omninode-ai/onex/node"
)

// LoadContracts returns the contracts below the paths of root, or of all of it, in the
// order of their paths, also those that are work in progress. It fails as [Load]
// does, and with [ErrInvalid] when a contract is not valid.
func LoadContracts(ctx context.Context, root *os.Root, paths []string) ([]node.Contract, error) {
	var all []node.Contract
	err := each(ctx, root, paths, Contracts, func(_ Artifact, data []byte) error {
		c, err := node.ParseContract(data)
		all = append(all, c)
		return err
	})
	return all, err
}

// A Schema is a JSON Schema in a file.
type Schema struct {
	Name string // of the file, without what all have
	Path string // below the root, with slashes
	Data json.RawMessage
}

// LoadSchemas returns the schemas, as [LoadContracts] does the contracts.
func LoadSchemas(ctx context.Context, root *os.Root, paths []string) ([]Schema, error) {
	var all []Schema
	err := each(ctx, root, paths, Schemas, func(a Artifact, data []byte) error {
		all = append(all, Schema{a.Name, a.Path, data})
		return nil
	})
	return all, err
}

// each reads all artifacts of a type; the first that is not valid ends it.
func each(ctx context.Context, root *os.Root, paths []string, t Type, f func(Artifact, []byte) error) error {
	found, err := Load(ctx, root, &Options{Paths: paths, Types: []Type{t}, WIP: true})
	if err != nil {
		return err
	}
	for _, a := range found.Artifacts {
		if !a.Valid {
			i := slices.IndexFunc(found.Problems, func(p Problem) bool { return p.Path == a.Path })
			return ErrInvalid.With("%s", strings.TrimPrefix(found.Problems[i].Message, ErrInvalid.Text+": "))
		}
		data, err := readFile(root, a.Path)
		if err == nil {
			err = f(a, data)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
