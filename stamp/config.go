package stamp

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/filetype"
	"github.com/omninode-ai/onex/tree"
)

const (
	// ConfigFile is the configuration of a project. This package reads two of
	// its keys, form and types.
	ConfigFile = "onex.yaml"

	// maxConfig bounds it; a real one has a few lines.
	maxConfig = 1 << 20

	// maxSample bounds the canary of a file type: a page of text is plenty.
	maxSample = 1 << 20
)

// A Config is what onex.yaml says about stamping:
//
//	form:                     # or one word for all files
//	  "*": full               # patterns as in .gitignore; the last that matches
//	  "src/": compact         # decides, and without one it is full
//	types:
//	  nix:
//	    extensions: [.nix]
//	    comment: "#"
//	    canary: testdata/canary.nix
type Config struct {
	Forms []FormRule
	Types []filetype.Type

	// Override has the names of types that take what they claim from ours.
	Override map[string]bool

	// Canaries are the paths of the sample of each type, by its name.
	Canaries map[string]string

	plugins []Plugin // of others; not what onex.yaml says
}

// A FormRule is where the metadata of new files goes that match a pattern.
type FormRule struct {
	Pattern tree.Pattern
	Form    filetype.Form
}

// form returns the form of the new file name.
func (c *Config) form(name string) filetype.Form {
	for _, r := range slices.Backward(c.Forms) {
		if r.Pattern.Match(name) {
			return r.Form
		}
	}
	return filetype.Full
}

// configOf reads the configuration of root, which may have none.
func configOf(root *os.Root) (Config, []byte, error) {
	f, err := root.Open(ConfigFile)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Config{}, nil, nil
	case err != nil:
		return Config{}, nil, ErrRead.Wrap(err, "%s", ConfigFile)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxConfig+1))
	switch {
	case err != nil:
		return Config{}, nil, ErrRead.Wrap(err, "%s", ConfigFile)
	case len(text) > maxConfig:
		return Config{}, nil, ErrTooLarge.With("%s, limit %d bytes", ConfigFile, maxConfig)
	}
	c, err := ParseConfig(ConfigFile, text)
	return c, text, err
}

// ParseConfig reads the keys form and types of the text of onex.yaml, which the
// errors ([ErrConfig], [ErrNoCanary]) call name. Other keys are not looked at.
func ParseConfig(name string, text []byte) (Config, error) {
	var doc yaml.Node
	r := configReader{name: name, config: Config{Canaries: map[string]string{}, Override: map[string]bool{}}}
	if err := yaml.NewDecoder(bytes.NewReader(text)).Decode(&doc); err != nil && !errors.Is(err, io.EOF) {
		return Config{}, ErrConfig.Wrap(err, "%s", name)
	}
	if len(doc.Content) == 0 {
		return r.config, nil
	}
	err := r.each(doc.Content[0], "a mapping of settings", func(key, value *yaml.Node) error {
		switch key.Value {
		case "form":
			return r.forms(value)
		case "types":
			return r.each(value, "types: a mapping of names to file types", r.fileType)
		}
		return nil
	})
	if err != nil {
		return Config{}, err
	}
	if _, _, err = r.config.resolve(name); err != nil {
		return Config{}, err
	}
	return r.config, nil
}

// resolve decides between our types and those of the project, which must have what
// they claim.
func (c *Config) resolve(name string) (*filetype.Set, []filetype.Claim, error) {
	handlers := filetype.CoreHandlers()
	for _, t := range c.Types {
		handlers = append(handlers, filetype.Handler{Type: t, Source: filetype.NodeLocal,
			Priority: filetype.PriorityNodeLocal, Override: c.Override[t.Name]})
	}
	for _, p := range c.plugins {
		handlers = append(handlers, p.handler())
	}
	set, claims, err := filetype.Resolve(handlers...)
	if err == nil {
		err = filetype.Lost(claims, filetype.NodeLocal)
	}
	if err != nil {
		wrapped := ErrConfig.Wrap(err, "%s: types", name)
		if hint := fault.ReportOf(err).Hint; hint != "" {
			wrapped = wrapped.Hinted("%s", hint)
		}
		return nil, nil, wrapped
	}
	return set, claims, nil
}

// Claims returns which file type handles what in the project at root, by the types of
// ONEX, those of its onex.yaml and plugins. The errors are those of [ParseConfig].
func Claims(root *os.Root, plugins ...Plugin) ([]filetype.Claim, error) {
	c, _, err := configOf(root)
	if err != nil {
		return nil, err
	}
	c.plugins = plugins
	_, claims, err := c.resolve(ConfigFile)
	return claims, err
}

// A configReader reads one onex.yaml.
type configReader struct {
	name   string
	config Config
}

// fail says what is wrong at a line.
func (r *configReader) fail(at *yaml.Node, format string, args ...any) error {
	return ErrConfig.With("%s:%d: "+format, append([]any{r.name, at.Line}, args...)...)
}

// each calls visit with every pair of the mapping n, in order, and refuses a key
// that comes twice.
func (r *configReader) each(n *yaml.Node, want string, visit func(key, value *yaml.Node) error) error {
	if n.Kind != yaml.MappingNode {
		return r.fail(n, "%s is expected", want)
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if seen[key.Value] {
			return r.fail(key, "%s is set twice", key.Value)
		}
		seen[key.Value] = true
		if err := visit(key, n.Content[i+1]); err != nil {
			return err
		}
	}
	return nil
}

// forms reads one form for all files, or forms by pattern.
func (r *configReader) forms(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		return r.form("*", n, n)
	}
	return r.each(n, "form: full, compact, detached, or a mapping of patterns to these", func(key, value *yaml.Node) error {
		return r.form(key.Value, key, value)
	})
}

func (r *configReader) form(pattern string, at, n *yaml.Node) error {
	p, ok := tree.ParsePattern(pattern)
	if !ok {
		return r.fail(at, "form: %q is not a pattern that can match", pattern)
	}
	f := filetype.Form(n.Value)
	if n.Kind != yaml.ScalarNode || !slices.Contains(filetype.Forms(), f) {
		return r.fail(n, "form: %q is not one of full, compact, detached", n.Value)
	}
	r.config.Forms = append(r.config.Forms, FormRule{p, f})
	return nil
}

// texts reads a list of texts, or one.
func (r *configReader) texts(n *yaml.Node, what string) ([]string, error) {
	if n.Kind == yaml.ScalarNode {
		return []string{n.Value}, nil
	}
	var list []string
	for _, item := range n.Content {
		if n.Kind != yaml.SequenceNode || item.Kind != yaml.ScalarNode || strings.TrimSpace(item.Value) == "" {
			return nil, r.fail(n, "%s: a list of texts is expected", what)
		}
		list = append(list, item.Value)
	}
	return list, nil
}
