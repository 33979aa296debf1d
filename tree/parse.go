package tree

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"
)

const (
	// maxRecord bounds a .onextree file: about 100 bytes for each of several
	// hundred thousand files.
	maxRecord = 64 << 20
	// maxDepth bounds how deep directories nest: more than a path of 4096 bytes,
	// the longest that Linux takes, can have in practice.
	maxDepth = 1000
)

// yamlNode is the form of a node in the file.
type yamlNode struct {
	Name      string      `yaml:"name"`
	Type      Kind        `yaml:"type"`
	Namespace *string     `yaml:"namespace"`
	Children  []*yamlNode `yaml:"children"`
}

// Parse reads what [Print] writes, and any YAML that says the same. Unknown
// keys, repeated or impossible names and unknown types are errors, all of them
// [ErrParse]. The children need not be sorted; those of the result are not
// sorted either.
func Parse(data []byte) (*Node, error) {
	if len(data) > maxRecord {
		return nil, ErrParse.With("%d bytes, limit %d", len(data), maxRecord)
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	var y *yamlNode
	if err := dec.Decode(&y); err != nil && !errors.Is(err, io.EOF) {
		return nil, ErrParse.With("%s", strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if err := dec.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, ErrParse.With("something follows the tree")
	}
	if y == nil || y.Type != Directory {
		return nil, ErrParse.With("no directory at the top")
	}
	n, err := y.node(y.Name, 0)
	if err != nil {
		return nil, err
	}
	return n, nil
}

// node converts y, which lies at path, and reports what is wrong with it.
func (y *yamlNode) node(path string, depth int) (*Node, error) {
	n := &Node{Name: y.Name, Type: y.Type}
	if y.Namespace != nil {
		n.Namespace = *y.Namespace
	}
	switch {
	case depth > maxDepth:
		return nil, ErrParse.With("more than %d directories deep", maxDepth)
	case y.Name == "", depth > 0 && (y.Name == "." || y.Name == ".." || strings.Contains(y.Name, "/")):
		return nil, ErrParse.With("%q in %s is not a name", y.Name, path)
	case y.Type != Directory && y.Type != Regular:
		return nil, ErrParse.With("%s has type %q, want %s or %s", path, y.Type, Directory, Regular)
	case y.Type == Regular && y.Children != nil:
		return nil, ErrParse.With("the file %s has children", path)
	}
	seen := make(map[string]bool, len(y.Children))
	for _, c := range y.Children {
		if c == nil || seen[c.Name] {
			return nil, ErrParse.With("an empty or repeated entry in %s", path)
		}
		seen[c.Name] = true
		child, err := c.node(path+"/"+c.Name, depth+1)
		if err != nil {
			return nil, err
		}
		n.Children = append(n.Children, child)
	}
	return n, nil
}
