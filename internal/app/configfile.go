package app

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"path/filepath"

	"github.com/omninode-ai/onex/internal/atomicfile"

	"go.yaml.in/yaml/v3"

	"github.com/omninode-ai/onex/access"
	"github.com/omninode-ai/onex/internal/plugin"
	"github.com/omninode-ai/onex/lint"
	"github.com/omninode-ai/onex/registry/lease"
	"github.com/omninode-ai/onex/stamp"
)

// fileConfig is onex.yaml: the settings by key, and the nodes to run.
type fileConfig struct {
	values map[string]string
	nodes  []string
	ports  lease.Policy
	access access.Policy
	mcp    MCP
}

// maxConfig bounds onex.yaml; a real one has a few lines.
const maxConfig = 1 << 20

// CheckFile reports what is wrong with the onex.yaml in the directory root, which
// need not have one. Commands that need no other setting call it, so that a
// mistake in the file is never passed over.
func CheckFile(root string) error {
	_, err := readFile(filepath.Join(root, ConfigFile))
	return err
}

func readFile(path string) (fileConfig, error) {
	data, err := atomicfile.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fileConfig{}, nil
	case err != nil:
		return fileConfig{}, ErrConfig.Wrap(err, "%s", ConfigFile)
	case len(data) > maxConfig:
		return fileConfig{}, ErrConfig.With("%s: %d bytes, at most %d", path, len(data), maxConfig)
	}
	return parseFile(path, data)
}

func parseFile(path string, data []byte) (fileConfig, error) {
	var doc yaml.Node
	if err := yaml.NewDecoder(bytes.NewReader(data)).Decode(&doc); err != nil && !errors.Is(err, io.EOF) {
		return fileConfig{}, ErrConfig.Wrap(err, "%s", path)
	}
	out := fileConfig{values: map[string]string{}}
	if len(doc.Content) == 0 {
		return out, nil
	}
	top := doc.Content[0]
	if top.Kind != yaml.MappingNode {
		return out, ErrConfig.With("%s:%d: a mapping of settings is expected", path, top.Line)
	}
	for i := 0; i+1 < len(top.Content); i += 2 {
		if err := out.take(path, top.Content[i], top.Content[i+1]); err != nil {
			return out, err
		}
	}
	if _, err := lint.ParseConfig(path, data); err != nil {
		return out, err
	}
	if _, err := plugin.ParseConfig(filepath.Dir(path), path, data); err != nil {
		return out, err
	}
	_, err := stamp.ParseConfig(path, data)
	return out, err
}

// take records one key of onex.yaml. Values are taken as they are written, so
// that no number or boolean is guessed.
func (f *fileConfig) take(path string, key, value *yaml.Node) error {
	if key.Value == "ports" {
		var err error
		f.ports, err = parsePorts(path, value)
		return err
	}
	if key.Value == "access" {
		var err error
		f.access, err = parseAccess(path, value)
		return err
	}
	if key.Value == "mcp" {
		var err error
		f.mcp, err = parseMCP(path, value)
		return err
	}
	if key.Value == "nodes" {
		if err := value.Decode(&f.nodes); err != nil {
			return ErrConfig.Wrap(err, "%s:%d: nodes: a list of directories is expected", path, value.Line)
		}
		return nil
	}
	if key.Value == "form" || key.Value == "types" || key.Value == "lint" || key.Value == "plugins" { // packages stamp, lint and plugin read these
		return nil
	}
	if _, twice := f.values[key.Value]; twice {
		return ErrConfig.With("%s:%d: %s is set twice", path, key.Line, key.Value)
	}
	for _, s := range Settings() {
		if s.Key != key.Value && (s.file == nil || s.Key+fromFile != key.Value) {
			continue
		}
		if value.Kind != yaml.ScalarNode {
			return ErrConfig.With("%s:%d: %s: a plain value is expected", path, value.Line, key.Value)
		}
		f.values[key.Value] = value.Value
		return nil
	}
	return ErrConfig.With("%s:%d: unknown setting %q", path, key.Line, key.Value)
}
