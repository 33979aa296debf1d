package rules_test

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/omninode-ai/onex/lint"
	"github.com/omninode-ai/onex/lint/rules"
	"github.com/omninode-ai/onex/meta"
	"github.com/omninode-ai/onex/stamp"
)

// TestMetadataRuleFindsWhatChanged holds that M001 speaks of stamped files alone,
// and of those that changed.
func TestMetadataRuleFindsWhatChanged(t *testing.T) {
	root := stamped(t, map[string]string{
		meta.ProjectFile: "name: demo\nowner: Team\nauthor: Ann\ncopyright: Team\n",
		"kept.sh":        "#!/bin/sh\necho kept\n",
		"changed.sh":     "#!/bin/sh\necho before\n",
	})
	put(t, root, "unstamped.sh", "echo\n")
	if got := metadata(t, root); len(got.Findings) != 0 {
		t.Errorf("nothing changed, but: %v", got.Findings)
	}
	text, err := root.ReadFile("changed.sh")
	if err != nil {
		t.Fatal(err)
	}
	put(t, root, "changed.sh", string(text)+"echo after\n")
	var paths []string
	for _, f := range metadata(t, root).Findings {
		paths = append(paths, f.Path)
	}
	if d := cmp.Diff([]string{"changed.sh"}, paths); d != "" {
		t.Error(d)
	}
}

// TestMetadataRuleWithoutStampsIsIdle holds that a project without metadata is not
// taken for one whose metadata is current.
func TestMetadataRuleWithoutStampsIsIdle(t *testing.T) {
	root := open(t)
	put(t, root, "unstamped.sh", "echo\n")
	if got := metadata(t, root); !cmp.Equal(got.Idle, []string{"M001"}) {
		t.Errorf("idle: %v, want M001", got.Idle)
	}
}

func stamped(t *testing.T, files map[string]string) *os.Root {
	t.Helper()
	root := open(t)
	for name, text := range files {
		put(t, root, name, text)
	}
	plan, err := stamp.Make(t.Context(), root, nil)
	if err == nil {
		_, err = plan.Apply(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	return root
}

func open(t *testing.T) *os.Root {
	t.Helper()
	root, err := os.OpenRoot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := root.Close(); err != nil {
			t.Error(err)
		}
	})
	return root
}

func put(t *testing.T, root *os.Root, name, text string) {
	t.Helper()
	if err := root.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func metadata(t *testing.T, root *os.Root) lint.Report {
	t.Helper()
	r := rules.Metadata(t.Context(), root)
	report, err := lint.Run(t.Context(), root, []*lint.Rule{r}, &lint.Options{Only: []string{r.ID}})
	if err != nil {
		t.Fatal(err)
	}
	return report
}
