package repotest_test

import (
	"go/ast"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/modfile"

	"github.com/omninode-ai/onex/internal/gosource"
	"github.com/omninode-ai/onex/internal/importtest"
)

var root = filepath.Join("..", "..")

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// pages returns the Markdown files of the repository that are not test data.
func pages(t *testing.T) []string {
	t.Helper()
	var found []string
	err := fs.WalkDir(os.DirFS(root), ".", func(path string, d fs.DirEntry, err error) error {
		hidden := strings.HasPrefix(d.Name(), ".") && path != "."
		if d.IsDir() && (hidden || d.Name() == "testdata" || d.Name() == "node_modules") {
			return fs.SkipDir
		}
		if strings.HasSuffix(path, ".md") {
			found = append(found, path)
		}
		return err
	})
	if err != nil || len(found) < 5 {
		t.Fatalf("%d pages, error %v", len(found), err)
	}
	return found
}

func TestLinksLeadSomewhere(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#:\s]+)(#[^)]*)?\)`) // no scheme: a file
	shown := regexp.MustCompile("(?ms)^```.*?^```")          // what a command prints leads from elsewhere
	count := 0
	for _, page := range pages(t) {
		for _, m := range link.FindAllStringSubmatch(shown.ReplaceAllString(read(t, page), ""), -1) {
			target := filepath.Join(root, filepath.Dir(filepath.FromSlash(page)), filepath.FromSlash(m[1]))
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s: the link to %s leads nowhere", page, m[1])
			}
			count++
		}
	}
	if count == 0 {
		t.Error("no link was found to check")
	}
}

// TestMakeTargetsExist checks the commands that the pages tell people to type.
func TestMakeTargetsExist(t *testing.T) {
	makefile := read(t, "Makefile")
	command := regexp.MustCompile("(?m)(?:^|`)make ([a-z-]+)")
	count := 0
	for _, page := range pages(t) {
		for _, m := range command.FindAllStringSubmatch(read(t, page), -1) {
			if !strings.Contains(makefile, "\n"+m[1]+":") {
				t.Errorf("%s speaks of make %s, which the Makefile does not have", page, m[1])
			}
			count++
		}
	}
	if count == 0 {
		t.Error("no make command was found to check")
	}
}

// TestDifferencesNameWhatExists checks every pkg.Name of a package that exists.
func TestDifferencesNameWhatExists(t *testing.T) {
	m, err := gosource.Load(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	declared := names(m)
	count := 0
	for _, span := range regexp.MustCompile("`([a-z]+)\\.([A-Z][A-Za-z]*)`").FindAllStringSubmatch(read(t, "docs/differences.md"), -1) {
		if exported, ok := declared[span[1]]; ok {
			count++
			if !slices.Contains(exported, span[2]) {
				t.Errorf("docs/differences.md: package %s has no %s", span[1], span[2])
			}
		}
	}
	if count < 10 {
		t.Errorf("only %d names were found to check", count)
	}
}

// names returns what each public package declares, by the package's path.
func names(m *gosource.Module) map[string][]string {
	found := map[string][]string{}
	for _, p := range m.Packages {
		for _, f := range p.Files {
			if f.Test {
				continue
			}
			for _, decl := range f.Syntax.Decls {
				switch d := decl.(type) {
				case *ast.FuncDecl:
					if d.Recv == nil {
						found[p.Path] = append(found[p.Path], d.Name.Name)
					}
				case *ast.GenDecl:
					for _, spec := range d.Specs {
						if s, ok := spec.(*ast.TypeSpec); ok {
							found[p.Path] = append(found[p.Path], s.Name.Name)
						}
					}
				}
			}
		}
	}
	return found
}

// TestDependenciesAreThoseOfGoMod checks that no module is on the page only, and
// none that we import ourselves is missing there.
func TestDependenciesAreThoseOfGoMod(t *testing.T) {
	mod, err := modfile.Parse("go.mod", []byte(read(t, "go.mod")), nil)
	if err != nil {
		t.Fatal(err)
	}
	deps, err := importtest.ParseDependencies(read(t, "docs/dependencies.md"))
	if err != nil {
		t.Fatal(err)
	}
	var page, required []string
	for _, d := range deps {
		page = append(page, d.Module)
	}
	for _, r := range mod.Require {
		required = append(required, r.Mod.Path)
		if !r.Indirect && !slices.Contains(page, r.Mod.Path) {
			t.Errorf("docs/dependencies.md does not name %s", r.Mod.Path)
		}
	}
	for _, module := range page {
		if !slices.Contains(required, module) {
			t.Errorf("docs/dependencies.md names %s, which go.mod does not require", module)
		}
	}
}
