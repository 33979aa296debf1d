package tree_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/omninode-ai/onex/tree"
)

const printed = `name: omnibase
type: directory
children:
- name: .onexignore
  type: file
  namespace: file://_onexignore
  children: null
- name: "1.5"
  type: file
  namespace: file://1_5
  children: null
- name: docs
  type: directory
  namespace: null
  children:
  - name: "READ ME.md"
    type: file
    namespace: markdown://docs.READ_ME_md
    children: null
- name: src
  type: directory
  namespace: null
  children:
  - name: a
    type: directory
    namespace: null
    children:
    - name: run.py
      type: file
      namespace: python://src.a.run
      children: null
`

var printedPaths = []string{".onexignore", ".onextree", "1.5", "docs/READ ME.md", "src/a/run.py"}

func TestPrint(t *testing.T) {
	n := tree.FromPaths("omnibase", printedPaths, nil)
	if diff := cmp.Diff(printed, string(tree.Print(n))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	back, err := tree.Parse([]byte(printed))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(n, back); diff != "" {
		t.Errorf("after parsing (-printed +parsed):\n%s", diff)
	}
	if got := n.Files(); got != 4 {
		t.Errorf("Files() = %d, want 4", got)
	}
}

func TestBuild(t *testing.T) {
	root := project(t, map[string]string{"a.py": "", "b/c.md": "", ".onextree": ""})
	got, err := tree.Build(t.Context(), root, nil, func(name string) string { return "x://" + name })
	if err != nil {
		t.Fatal(err)
	}
	want := &tree.Node{Name: path.Base(root.Name()), Type: tree.Directory, Children: []*tree.Node{
		{Name: "a.py", Type: tree.Regular, Namespace: "x://a.py"},
		{Name: "b", Type: tree.Directory, Children: []*tree.Node{{Name: "c.md", Type: tree.Regular, Namespace: "x://b/c.md"}}},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestDiff(t *testing.T) {
	record := tree.FromPaths("old", []string{"a", "b/c", "gone/x", "gone/y", "turned", "n"}, nil)
	actual := tree.FromPaths("new", []string{"a", "b/c", "b/d", "turned/x", "n"}, nil)
	record.Children[slices.IndexFunc(record.Children, func(n *tree.Node) bool { return n.Name == "n" })].Namespace = "old://n"
	var got []string
	for _, d := range tree.Diff(record, actual) {
		got = append(got, fmt.Sprint(d.Code, " ", d.Path))
	}
	want := []string{"missing_file b/d", "extra_file gone/x", "extra_file gone/y", "structure_mismatch n", "type_mismatch turned"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	slices.Reverse(actual.Children)
	if ds := tree.Diff(actual, actual); len(ds) != 1 || ds[0].Code != tree.StructureMismatch {
		t.Errorf("unsorted entries: %v", ds)
	}
}

func TestParseRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"empty":         "",
		"not yaml":      "a: [",
		"list":          "- a\n",
		"file on top":   "name: x\ntype: file\n",
		"unknown key":   "name: x\ntype: directory\nhash: 0\nchildren: []\n",
		"unknown type":  "name: x\ntype: directory\nchildren:\n- {name: a, type: link}\n",
		"no name":       "name: x\ntype: directory\nchildren:\n- {type: file}\n",
		"path as name":  "name: x\ntype: directory\nchildren:\n- {name: ../a, type: file}\n",
		"twice":         "name: x\ntype: directory\nchildren:\n- {name: a, type: file}\n- {name: a, type: file}\n",
		"null entry":    "name: x\ntype: directory\nchildren:\n- \n",
		"file children": "name: x\ntype: directory\nchildren:\n- {name: a, type: file, children: [{name: b, type: file}]}\n",
		"two documents": "name: x\ntype: directory\n---\nname: y\n",
		"deep":          "name: x\ntype: directory\nchildren:\n" + deep(1100),
	} {
		if _, err := tree.Parse([]byte(text)); !errors.Is(err, tree.ErrParse) {
			t.Errorf("%s: %v, want %v", name, err, tree.ErrParse)
		}
	}
}

func deep(n int) string {
	return strings.Repeat("[{name: a, type: directory, children: ", n) + "null" + strings.Repeat("}]", n) + "\n"
}

func TestPrintedTreesParseToThemselves(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOfN(rapid.StringMatching(`[^/\x00]{1,8}(/[^/\x00]{1,8}){0,3}`), 0, 10).Draw(t, "names")
		var paths []string
		for _, name := range names {
			if tree.FromPaths("x", append(slices.Clone(paths), name), nil); clean(paths, name) {
				paths = append(paths, name)
			}
		}
		n := tree.FromPaths("root", paths, nil)
		got, err := tree.Parse(tree.Print(n))
		if err != nil {
			t.Fatalf("%q: %v\n%s", paths, err, tree.Print(n))
		}
		if diff := cmp.Diff(n, got); diff != "" {
			t.Fatalf("(-printed +parsed):\n%s", diff)
		}
		if ds := tree.Diff(got, n); ds != nil {
			t.Fatal(ds)
		}
	})
}

// clean reports whether name can exist beside paths.
func clean(paths []string, name string) bool {
	if name == "." || !fs.ValidPath(name) || strings.HasPrefix(name, "..") {
		return false
	}
	return !slices.ContainsFunc(paths, func(p string) bool {
		return p == name || strings.HasPrefix(p, name+"/") || strings.HasPrefix(name, p+"/")
	})
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(printed))
	f.Add([]byte("name: \"\\xff\"\ntype: directory\nchildren: [{name: 1e3, type: file}]"))
	f.Fuzz(func(t *testing.T, data []byte) {
		n, err := tree.Parse(data)
		if err != nil {
			return
		}
		again, err := tree.Parse(tree.Print(n))
		if err != nil {
			t.Fatalf("what Print wrote does not parse: %v\n%s", err, tree.Print(n))
		}
		if diff := cmp.Diff(tree.Print(n), tree.Print(again)); diff != "" {
			t.Fatal(diff)
		}
	})
}

func ExampleDiff() {
	record, _ := tree.Parse([]byte("name: demo\ntype: directory\nchildren:\n- {name: a.py, type: file, namespace: python://a}\n"))
	actual := tree.FromPaths("demo", []string{"a.py", "b.py"}, nil)
	for _, d := range tree.Diff(record, actual) {
		fmt.Println(d.Code, d.Path)
	}
	// Output: missing_file b.py
}

func ExampleList() {
	root, err := os.OpenRoot("testdata/project")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer root.Close()
	files, skipped, err := tree.List(context.Background(), root, &tree.Options{NoGit: true})
	for _, f := range files {
		fmt.Println(f.Path, f.Size)
	}
	fmt.Println(skipped, err)
	// Output:
	// .onexignore 7
	// main.py 11
	// [{notes.tmp ignored <nil>}] <nil>
}
