package lint

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/omninode-ai/onex/tree"
)

// MaxLines is how long a file may be where the project does not say otherwise, as
// the milestone 1 checklist asks.
const MaxLines = 500

// ExceptionsFile is the list of exceptions where the project names no other.
const ExceptionsFile = "lint-exceptions.yaml"

// A Config is the key lint of onex.yaml:
//
//	lint:
//	  set: onex                  # or default
//	  skip: [N001]               # rules that are not run
//	  only: []                   # if there are any, no others are
//	  exclude: [third_party/]    # files that are not looked at, as in .gitignore
//	  max_lines: 500
//	  exceptions: lint-exceptions.yaml
//	  layers:                    # the lowest first: each imports those below it
//	    - {name: core, files: [src/core/]}
//	    - {name: nodes, files: [src/nodes/]}
type Config struct {
	Set        Set // empty: onex in a project of ONEX, else default
	Only, Skip []string
	Exclude    []string
	MaxLines   int
	Exceptions string // path of the list
	Layers     []Layer
}

// A Layer is a part of the project that may import itself and what is below it.
type Layer struct {
	Name  string
	Files []string // patterns as in .gitignore

	patterns []tree.Pattern
}

// Has reports whether the file at path belongs to the layer.
func (l *Layer) Has(path string) bool {
	return slices.ContainsFunc(l.patterns, func(p tree.Pattern) bool { return p.Match(path) })
}

// LayerOf returns the index of the layer that the file belongs to.
func (c *Config) LayerOf(path string) (int, bool) {
	i := slices.IndexFunc(c.Layers, func(l Layer) bool { return l.Has(path) })
	return i, i >= 0
}

func (c Config) orDefault() Config {
	if c.MaxLines == 0 {
		c.MaxLines = MaxLines
	}
	if c.Exceptions == "" {
		c.Exceptions = ExceptionsFile
	}
	return c
}

// ParseConfig reads the key lint of the text of onex.yaml, which the errors
// ([ErrConfig]) call name. Other keys are not looked at.
func ParseConfig(name string, text []byte) (Config, error) {
	var doc yaml.Node
	if err := yaml.NewDecoder(bytes.NewReader(text)).Decode(&doc); err != nil && !errors.Is(err, io.EOF) {
		return Config{}, ErrConfig.Wrap(err, "%s", name)
	}
	r := configReader{name: name}
	if len(doc.Content) == 0 || doc.Content[0].Kind != yaml.MappingNode {
		return r.config, nil
	}
	top := doc.Content[0]
	for i := 0; i+1 < len(top.Content); i += 2 {
		if top.Content[i].Value == "lint" {
			if err := r.each(top.Content[i+1], r.key); err != nil {
				return Config{}, err
			}
		}
	}
	return r.config, nil
}

type configReader struct {
	name   string
	config Config
}

func (r *configReader) fail(at *yaml.Node, format string, args ...any) error {
	return ErrConfig.With("%s:%d: lint: %s", r.name, at.Line, fmt.Sprintf(format, args...))
}

func (r *configReader) each(n *yaml.Node, visit func(key, value *yaml.Node) error) error {
	if n.Kind != yaml.MappingNode {
		return r.fail(n, "a mapping is expected")
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if key := n.Content[i]; seen[key.Value] {
			return r.fail(key, "%s is set twice", key.Value)
		}
		seen[n.Content[i].Value] = true
		if err := visit(n.Content[i], n.Content[i+1]); err != nil {
			return err
		}
	}
	return nil
}

func (r *configReader) key(key, value *yaml.Node) (err error) {
	c := &r.config
	switch key.Value {
	case "set":
		if c.Set = Set(value.Value); !slices.Contains(Sets(), c.Set) {
			return r.fail(value, "set: %q is not one of default, onex", value.Value)
		}
	case "only":
		c.Only, err = r.texts(key.Value, value)
	case "skip":
		c.Skip, err = r.texts(key.Value, value)
	case "exclude":
		c.Exclude, err = r.texts(key.Value, value)
		if err == nil {
			_, err = r.patterns(value, c.Exclude)
		}
	case "max_lines":
		if c.MaxLines, err = strconv.Atoi(value.Value); err != nil || c.MaxLines < 1 {
			return r.fail(value, "max_lines: %q is not a number above 0", value.Value)
		}
	case "exceptions":
		c.Exceptions = value.Value
		if value.Kind != yaml.ScalarNode || c.Exceptions == "" {
			return r.fail(value, "exceptions: the path of a file is expected")
		}
	case "layers":
		return r.layers(value)
	default:
		return r.fail(key, "unknown key %q; want set, only, skip, exclude, max_lines, exceptions or layers", key.Value)
	}
	return err
}

func (r *configReader) layers(n *yaml.Node) error {
	if n.Kind != yaml.SequenceNode {
		return r.fail(n, "layers: a list is expected, the lowest layer first")
	}
	for _, item := range n.Content {
		var l Layer
		err := r.each(item, func(key, value *yaml.Node) (err error) {
			switch key.Value {
			case "name":
				l.Name = value.Value
			case "files":
				if l.Files, err = r.texts("layers.files", value); err == nil {
					l.patterns, err = r.patterns(value, l.Files)
				}
			default:
				err = r.fail(key, "layers: unknown key %q; want name and files", key.Value)
			}
			return err
		})
		if err != nil {
			return err
		}
		if l.Name == "" || len(l.patterns) == 0 {
			return r.fail(item, "layers: a layer needs a name and files")
		}
		r.config.Layers = append(r.config.Layers, l)
	}
	return nil
}

func (r *configReader) texts(what string, n *yaml.Node) ([]string, error) {
	if n.Kind == yaml.ScalarNode && strings.TrimSpace(n.Value) != "" {
		return []string{n.Value}, nil
	}
	list := []string{}
	for _, item := range n.Content {
		if n.Kind != yaml.SequenceNode || item.Kind != yaml.ScalarNode || strings.TrimSpace(item.Value) == "" {
			return nil, r.fail(n, "%s: a list of texts is expected", what)
		}
		list = append(list, item.Value)
	}
	if n.Kind != yaml.SequenceNode {
		return nil, r.fail(n, "%s: a list of texts is expected", what)
	}
	return list, nil
}

func (r *configReader) patterns(at *yaml.Node, texts []string) ([]tree.Pattern, error) {
	var list []tree.Pattern
	for _, text := range texts {
		p, ok := tree.ParsePattern(text)
		if !ok {
			return nil, r.fail(at, "%q is not a pattern that can match", text)
		}
		list = append(list, p)
	}
	return list, nil
}
