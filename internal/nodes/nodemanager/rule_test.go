package nodemanager_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/internal/nodes/nodemanager"
	"github.com/omninode-ai/onex/internal/plugin"
	"github.com/omninode-ai/onex/internal/scaffold"
	"github.com/omninode-ai/onex/lint"
)

// TestANewRuleIsThereWholeOrNotAtAll makes rules, most of which cannot be.
func TestANewRuleIsThereWholeOrNotAtAll(t *testing.T) {
	shell := scaffold.Rule{Name: "mine", Language: scaffold.Shell, Pattern: "*"}
	for name, tt := range map[string]struct {
		change func(*scaffold.Rule)
		there  string // before
		want   *fault.Kind
	}{
		"a rule":             {func(*scaffold.Rule) {}, "", nil},
		"no name":            {func(r *scaffold.Rule) { r.Name = "../mine" }, "", plugin.ErrConfig},
		"an id of ours":      {func(r *scaffold.Rule) { r.ID = "P003" }, "", nodemanager.ErrTaken},
		"a name of ours":     {func(r *scaffold.Rule) { r.Name = "is_literal" }, "", nodemanager.ErrTaken},
		"one for excuses":    {func(r *scaffold.Rule) { r.ID = lint.StaleID }, "", nodemanager.ErrTaken},
		"no id":              {func(r *scaffold.Rule) { r.ID = "mine1" }, "", nodemanager.ErrTrial},
		"one file only":      {func(r *scaffold.Rule) { r.Pattern = "Makefile" }, "", console.ErrUsage},
		"no pattern":         {func(r *scaffold.Rule) { r.Pattern = "" }, "", console.ErrUsage},
		"a file of its name": {func(*scaffold.Rule) {}, ".onex/plugins/validator/mine.py", nodemanager.ErrExists},
		"a file in its way":  {func(*scaffold.Rule) {}, ".onex/plugins/validator", nodemanager.ErrTarget},
	} {
		t.Run(name, func(t *testing.T) {
			m := nodemanager.Manager{Root: t.TempDir()}
			if tt.there != "" {
				path := filepath.Join(m.Root, filepath.FromSlash(tt.there))
				if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, nil, 0o644)); err != nil {
					t.Fatal(err)
				}
			}
			in := shell
			tt.change(&in)
			before := count(t, m.Root)
			if _, err := m.NewRule(t.Context(), in, true); tt.want == nil && err != nil || tt.want != nil && !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
			if made := count(t, m.Root) - before; (made == 0) != (tt.want != nil) {
				t.Errorf("%d files made", made)
			}
		})
	}
}

// count returns how many files and directories there are.
func count(t *testing.T, root string) int {
	t.Helper()
	n := 0
	if err := filepath.WalkDir(root, func(string, os.DirEntry, error) error { n++; return nil }); err != nil {
		t.Fatal(err)
	}
	return n
}
