// Package gosource reads the Go source of a module, for the tools that check
// and document this one.
//
// [Load] asks the go command which packages there are, so that nested modules,
// testdata and ignored directories are treated as Go treats them, and parses
// every file of each package, those for other operating systems included; a
// package without any file for this system is not seen. Nothing is type-checked: a tree that does not compile can still be read, as
// long as it parses.
//
// A [Module] is read-only once loaded.
package gosource

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// A Module is the parsed source of all packages of one module.
type Module struct {
	Path     string // as in go.mod
	Dir      string // where go.mod is
	Fset     *token.FileSet
	Packages []Package // in the order of their paths
}

// A Package is one directory of Go files, its tests included.
type Package struct {
	Path  string // relative to the module: "bus/natsbus"; "." is the root
	Files []File
	Data  []string // the files of its testdata, relative to the module
}

// A File is one parsed Go file.
type File struct {
	Name   string // slash-separated, relative to the module
	Test   bool   // a file of a test, by its name
	Lines  int
	Syntax *ast.File // with comments
}

// Imports returns the paths that f imports, as they are written.
func (f File) Imports() []string {
	var paths []string
	for _, spec := range f.Syntax.Imports {
		if p, err := strconv.Unquote(spec.Path.Value); err == nil {
			paths = append(paths, p)
		}
	}
	return paths
}

// listed is what `go list -json` says of one package.
type listed struct {
	Dir        string
	ImportPath string
	Module     *struct{ Path, Dir string }
	Error      *listError

	GoFiles, CgoFiles, IgnoredGoFiles, TestGoFiles, XTestGoFiles []string
}

type listError struct{ Err string }

// Load reads the module whose root is dir. It fails when the go command fails,
// when a file does not parse, and when there is no package at all: a check that
// looks at nothing must not pass.
func Load(ctx context.Context, dir string) (*Module, error) {
	list, err := goList(ctx, dir)
	if err != nil {
		return nil, err
	}
	m := &Module{Fset: token.NewFileSet()}
	for _, l := range list {
		if l.Module == nil {
			return nil, fmt.Errorf("%s is in no module: %+v", l.ImportPath, l.Error)
		}
		m.Path, m.Dir = l.Module.Path, l.Module.Dir
		p, err := m.parse(l)
		if err == nil {
			p.Data, err = data(l.Dir, p.Path)
		}
		if err != nil {
			return nil, err
		}
		if len(p.Files) > 0 {
			m.Packages = append(m.Packages, p)
		}
	}
	if len(m.Packages) == 0 {
		return nil, fmt.Errorf("no Go package in %s", dir)
	}
	slices.SortFunc(m.Packages, func(a, b Package) int { return strings.Compare(a.Path, b.Path) })
	return m, nil
}

// data returns the files below testdata in the directory of the package pkg.
func data(dir, pkg string) ([]string, error) {
	var found []string
	err := fs.WalkDir(os.DirFS(dir), "testdata", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			found = append(found, path.Join(pkg, name))
		}
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return found, err
}

// goList runs the go command with -e, because imports that cannot be resolved
// are for the caller to judge.
func goList(ctx context.Context, dir string) ([]listed, error) {
	cmd := exec.CommandContext(ctx, "go", "list", "-e",
		"-json=Dir,ImportPath,Module,Error,GoFiles,CgoFiles,IgnoredGoFiles,TestGoFiles,XTestGoFiles", "./...")
	cmd.Dir = dir
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list in %s: %w: %s", dir, err, strings.TrimSpace(stderr.String()))
	}
	var list []listed
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var l listed
		if err := dec.Decode(&l); errors.Is(err, io.EOF) {
			return list, nil
		} else if err != nil {
			return nil, fmt.Errorf("output of go list: %w", err)
		}
		list = append(list, l)
	}
}

func (m *Module) parse(l listed) (Package, error) {
	p := Package{Path: m.Rel(l.ImportPath)}
	names := slices.Concat(l.GoFiles, l.CgoFiles, l.IgnoredGoFiles, l.TestGoFiles, l.XTestGoFiles)
	if len(names) == 0 && l.Error != nil {
		return p, fmt.Errorf("package %s: %s", p.Path, l.Error.Err)
	}
	slices.Sort(names)
	for _, name := range names {
		src, err := os.ReadFile(filepath.Join(l.Dir, name))
		if err != nil {
			return p, err
		}
		rel := path.Join(p.Path, name)
		syntax, err := parser.ParseFile(m.Fset, rel, src, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return p, err
		}
		p.Files = append(p.Files, File{
			Name:   rel,
			Test:   strings.HasSuffix(name, "_test.go"),
			Lines:  bytes.Count(src, []byte("\n")),
			Syntax: syntax,
		})
	}
	return p, nil
}

// Rel returns an import path of this module relative to it, "." for its root,
// and any other import path as it is.
func (m *Module) Rel(importPath string) string {
	if importPath == m.Path {
		return "."
	}
	return strings.TrimPrefix(importPath, m.Path+"/")
}

// Own reports whether importPath is a package of this module.
func (m *Module) Own(importPath string) bool {
	return importPath == m.Path || strings.HasPrefix(importPath, m.Path+"/")
}

// Position returns where pos is, for messages.
func (m *Module) Position(pos token.Pos) token.Position { return m.Fset.Position(pos) }
