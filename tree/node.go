package tree

import (
	"context"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/omninode-ai/onex/meta"
)

// FileName is the name of the record of a project, in its root.
const FileName = ".onextree"

// A Kind is what a node of the tree is.
type Kind string

const (
	Directory Kind = "directory"
	Regular   Kind = "file"
)

// A Node is a directory or file of the record. Children are sorted by the bytes
// of their names, directories among files.
type Node struct {
	Name      string  `json:"name"`
	Type      Kind    `json:"type"`
	Namespace string  `json:"namespace,omitempty"` // of files
	Children  []*Node `json:"children,omitempty"`  // of directories
}

// Files returns the number of files in n.
func (n *Node) Files() int {
	if n.Type == Regular {
		return 1
	}
	sum := 0
	for _, c := range n.Children {
		sum += c.Files()
	}
	return sum
}

// Build makes the record of the files that [List] finds; directories without
// files are not in it, as in git, and neither is the record itself. namespace
// says which namespace the file at a path has; nil means [Namespace].
func Build(ctx context.Context, root *os.Root, o *Options, namespace func(path string) string) (*Node, error) {
	files, _, err := List(ctx, root, o)
	if err != nil {
		return nil, err
	}
	name, err := filepath.Abs(root.Name())
	if err != nil {
		return nil, ErrRoot.Wrap(err, "%s", root.Name())
	}
	paths := make([]string, 0, len(files))
	for _, f := range files {
		paths = append(paths, f.Path)
	}
	return FromPaths(filepath.Base(name), paths, namespace), nil
}

// FromPaths makes the record of the files at paths, in a directory called name.
func FromPaths(name string, paths []string, namespace func(path string) string) *Node {
	if namespace == nil {
		namespace = Namespace
	}
	root := &Node{Name: name, Type: Directory}
	dirs := map[string]*Node{".": root}
	for _, p := range paths {
		if p == FileName {
			continue
		}
		dir := makeDirs(dirs, path.Dir(p))
		dir.Children = append(dir.Children, &Node{Name: path.Base(p), Type: Regular, Namespace: namespace(p)})
	}
	for _, dir := range dirs {
		slices.SortFunc(dir.Children, byName)
	}
	return root
}

func makeDirs(dirs map[string]*Node, name string) *Node {
	if dir, ok := dirs[name]; ok {
		return dir
	}
	dir := &Node{Name: path.Base(name), Type: Directory}
	dirs[name] = dir
	parent := makeDirs(dirs, path.Dir(name))
	parent.Children = append(parent.Children, dir)
	return dir
}

// Namespace returns the namespace of the file at a path by its extension alone:
// what it is in the record for files that no file type claims.
func Namespace(name string) string {
	ext := strings.ToLower(path.Ext(name))
	switch ext {
	case ".py":
		return meta.Namespace("python", path.Ext(name), name)
	case ".md", ".markdown":
		return meta.Namespace("markdown", "", name)
	case ".yaml", ".yml":
		return meta.Namespace("yaml", "", name)
	case ".txt":
		return meta.Namespace("text", "", name)
	}
	if len(ext) > 1 && len(ext) < len(path.Base(name)) && isScheme(ext[1:]) {
		return meta.Namespace(ext[1:], "", name)
	}
	return meta.Namespace("file", "", name)
}

// isScheme reports whether s, in lower case, can be the scheme of a namespace.
func isScheme(s string) bool {
	return 'a' <= s[0] && s[0] <= 'z' && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789") == ""
}
