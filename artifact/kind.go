package artifact

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"
	"go.yaml.in/yaml/v3"

	"github.com/omninode-ai/onex/internal/schema"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/stamp"
)

// A kind is how artifacts of a type are found and read.
type kind struct {
	Type
	file string                                                              // name of the file; empty when fits decides
	fits func(dir, base string) bool                                         //
	read func(root *os.Root, name string, data []byte) ([]Artifact, []error) // the errors are about all of them
}

// kindOf returns the kind of a file that describes artifacts.
func kindOf(name string) (kind, bool) {
	dir, base := path.Split(name)
	all := kinds()
	i := slices.IndexFunc(all, func(k kind) bool {
		return k.file == base || k.file == "" && k.fits(path.Base(path.Clean("/"+dir)), base)
	})
	if i < 0 {
		return kind{}, false
	}
	return all[i], true
}

func kinds() []kind {
	return []kind{
		{Type: Nodes, file: node.ManifestFile, read: readNode},
		{Type: Contracts, file: node.ContractFile, read: readContract},
		{Type: FileTypes, file: stamp.ConfigFile, read: readFileTypes},
		{Type: CLITools, file: "cli_tool.yaml", read: readMetadata},
		{Type: Runtimes, file: "runtime.yaml", read: readMetadata},
		{Type: Adapters, file: "adapter.yaml", read: readMetadata},
		{Type: Packages, file: "package.yaml", read: readMetadata},
		{Type: Scenarios, read: readScenario, fits: func(dir, base string) bool {
			name, ok := node.CaseName(base)
			return ok && dir == node.CasesDir && name != "index"
		}},
		{Type: Schemas, read: readSchema, fits: func(dir, base string) bool {
			return strings.HasSuffix(base, ".schema.json") || dir == string(Schemas) && path.Ext(base) == ".json"
		}},
	}
}

func readNode(root *os.Root, name string, data []byte) ([]Artifact, []error) {
	m, err := node.ParseManifest(data)
	if err != nil {
		return nil, []error{ErrInvalid.Wrap(err, "%s", name)}
	}
	a := Artifact{Name: string(m.Name), Version: m.Version, UUID: m.UUID, Description: m.Description}
	beside := path.Join(path.Dir(name), node.ContractFile)
	text, err := readFile(root, beside)
	if errors.Is(err, fs.ErrNotExist) {
		if m.Runtime == node.Exec {
			return []Artifact{a}, []error{ErrContract.With("%s is not there, and runtime exec needs it", beside)}
		}
		return []Artifact{a}, nil
	}
	if err != nil {
		return []Artifact{a}, []error{err}
	}
	c, err := node.ParseContract(text)
	if err == nil && (c.Node != m.Name || c.Version != "" && c.Version != m.Version) {
		return []Artifact{a}, []error{ErrContract.With("%s is of %s %s, the manifest of %s %s", beside, c.Node, c.Version, m.Name, m.Version)}
	}
	return []Artifact{a}, nil // a contract that cannot be read is an artifact of its own
}

func readContract(_ *os.Root, name string, data []byte) ([]Artifact, []error) {
	c, err := node.ParseContract(data)
	if err == nil {
		err = schema.CheckContract(c)
	}
	if err != nil {
		return nil, []error{ErrInvalid.Wrap(err, "%s", name)}
	}
	return []Artifact{{Name: string(c.Node), Version: c.Version, Description: c.Description}}, nil
}

func readScenario(_ *os.Root, name string, data []byte) ([]Artifact, []error) {
	c, err := node.ParseCase(data)
	if err != nil {
		return nil, []error{ErrInvalid.Wrap(err, "%s", name)}
	}
	return []Artifact{{Name: c.Name, Description: c.Description}}, nil
}

func readSchema(_ *os.Root, name string, data []byte) ([]Artifact, []error) {
	if _, err := schema.Compile(data); err != nil {
		return nil, []error{ErrInvalid.Wrap(err, "%s", name)}
	}
	title, description := schema.About(data)
	if title != "" && description == "" {
		description = title
	}
	return []Artifact{{Description: description}}, nil
}

// readFileTypes reads the file types of a project's own; onex.yaml has none unless it
// says so.
func readFileTypes(_ *os.Root, name string, data []byte) ([]Artifact, []error) {
	c, err := stamp.ParseConfig(name, data)
	if err != nil {
		return nil, []error{ErrInvalid.Wrap(err, "%s", name)}
	}
	var all []Artifact
	for _, t := range c.Types {
		all = append(all, Artifact{Name: t.Name})
	}
	return all, nil
}

// readMetadata reads the fields that tools, runtimes, adapters and packages have in
// common; what else they say is for those who use them.
func readMetadata(_ *os.Root, name string, data []byte) ([]Artifact, []error) {
	var m struct {
		Name        string `yaml:"name"`
		Version     string `yaml:"version"`
		Schema      string `yaml:"schema_version"`
		UUID        string `yaml:"uuid"`
		Description string `yaml:"description"`
	}
	if err := yaml.Unmarshal(data, &m); err != nil {
		return nil, []error{ErrInvalid.Wrap(err, "%s", name)}
	}
	var errs []error
	for _, f := range []struct{ key, value string }{{"name", m.Name}, {"version", m.Version}, {"schema_version", m.Schema}} {
		if f.value == "" {
			errs = append(errs, ErrMetadata.With("%s lacks %s", name, f.key))
		}
	}
	if _, err := semver.StrictNewVersion(m.Version); m.Version != "" && err != nil {
		errs = append(errs, ErrVersion.With("%q in %s", m.Version, name))
	}
	return []Artifact{{Name: m.Name, Version: m.Version, UUID: strings.ToLower(m.UUID), Description: m.Description}}, errs
}
