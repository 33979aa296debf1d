package nodes_test

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/internal/nodes"
	"github.com/omninode-ai/onex/node"
)

// pages is where each node has its page, from the package's directory.
const pages = "../../docs/nodes"

// missing returns what a built-in node lacks of what docs/nodes/README.md says
// that each has.
func missing(dir string, b nodes.Builtin, tools []node.Tool, commands []string) []string {
	own := filepath.Join(dir, directory(b.Name))
	page := filepath.Join(pages, string(b.Name)+".md")
	want := []string{
		filepath.Join(own, node.ManifestFile), filepath.Join(own, node.ContractFile),
		filepath.Join(own, directory(b.Name)+".go"), filepath.Join(own, "*_test.go"), page,
	}
	if len(commands) > 0 {
		want = append(want, filepath.Join(own, "command.go"))
	}
	var gone []string
	for _, pattern := range want {
		if found, err := filepath.Glob(pattern); err != nil || len(found) == 0 {
			gone = append(gone, "no "+pattern)
		}
	}
	data, _ := os.ReadFile(page)
	text := string(data)
	words := []string{"# " + string(b.Name) + "\n", "```console\n$ ", "\n## From Go\n"}
	for _, t := range tools {
		words = append(words, "`"+string(t.Name)+"`")
		if len(t.Examples) == 0 {
			gone = append(gone, "no example of tool "+string(t.Name))
		}
	}
	for _, c := range commands {
		words = append(words, "onex "+c)
	}
	for _, w := range words {
		if !strings.Contains(text, w) {
			gone = append(gone, page+" does not say "+w)
		}
	}
	list, _ := os.ReadFile(filepath.Join(pages, "README.md"))
	if !strings.Contains(string(list), "["+string(b.Name)+"]("+string(b.Name)+".md)") {
		gone = append(gone, pages+"/README.md does not list it")
	}
	return gone
}

func TestEveryNodeHasItsFiles(t *testing.T) {
	env := &console.Env{Out: io.Discard, Err: io.Discard}
	var dirs []string
	for _, b := range nodes.All() {
		dirs = append(dirs, directory(b.Name))
		var commands []string
		if b.Commands != nil {
			for _, c := range b.Commands(env) {
				if !c.Hidden {
					commands = append(commands, c.Name())
				}
			}
		}
		for _, lacks := range missing(".", b, hosted(t, b).Contract().Tools, commands) {
			t.Errorf("%s: %s", b.Name, lacks)
		}
	}
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.IsDir() && e.Name() != "testdata" && !slices.Contains(dirs, e.Name()) {
			t.Errorf("%s is no node of nodes.All", e.Name())
		}
	}
}

// TestMissingFilesAreNoticed shows a node that has nothing.
func TestMissingFilesAreNoticed(t *testing.T) {
	bare := missing(t.TempDir(), nodes.Builtin{Name: "bare_node"}, []node.Tool{{Name: "do_it"}}, []string{"bare"})
	all := strings.Join(bare, "\n")
	for _, want := range []string{
		node.ManifestFile, node.ContractFile, "barenode.go", "*_test.go", "bare_node.md", "command.go",
		"no example of tool do_it", "`do_it`", "onex bare", "## From Go", "```console", "does not list it",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("it is not noticed that %s is missing:\n%s", want, all)
		}
	}
}
