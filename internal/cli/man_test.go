package cli

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/omninode-ai/onex/internal/console"
)

// TestEveryCommandHasAManual holds that a package of onex documents each command,
// and that no text of ours is taken for a request of troff.
func TestEveryCommandHasAManual(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "man1")
	root := newRoot(&console.Env{Dir: ".", Out: io.Discard, Err: io.Discard, Getenv: func(string) string { return "" }})
	root.SetArgs([]string{"man", dir})
	if err := root.Execute(); err != nil {
		t.Fatal(err)
	}
	var check func(c *cobra.Command)
	check = func(c *cobra.Command) {
		page, err := os.ReadFile(filepath.Join(dir, manName(c)+".1"))
		if err != nil {
			t.Error(err)
			return
		}
		for line := range strings.Lines(string(page)) {
			request, _, _ := strings.Cut(strings.TrimSpace(line), " ")
			if strings.HasPrefix(line, ".") && !strings.Contains(".TH .SH .B .PP .nf .fi", request) {
				t.Errorf("%s: %q is a request that we do not make", manName(c), line)
			}
		}
		for _, sub := range documented(c) {
			check(sub)
		}
	}
	check(root)
}

// TestManualsAreTheSameEverywhere: where a release is built must not show.
func TestManualsAreTheSameEverywhere(t *testing.T) {
	page := func(dir string) string {
		return manual(newRoot(&console.Env{Dir: dir, Out: io.Discard, Err: io.Discard, Getenv: func(string) string { return "" }}))
	}
	if page("/a") != page("/b/c") {
		t.Error("the manual names the directory in which it was made")
	}
}

func TestRoffEscapes(t *testing.T) {
	for text, want := range map[string]string{
		`a\b`: `a\eb`, "--flag": `\-\-flag`, ".TH": `\&.TH`, "'quoted": `\&'quoted`, "a\n.b": "a\n\\&.b", "a…": `a\[u2026]`,
	} {
		if got := roff(text); got != want {
			t.Errorf("roff(%q) = %q, want %q", text, got, want)
		}
	}
}
