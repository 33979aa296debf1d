package nodemanager_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/omninode-ai/onex/internal/nodes/nodemanager"
	"github.com/omninode-ai/onex/internal/scaffold"
	"github.com/omninode-ai/onex/meta"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/stamp"
)

func shell(name string) nodemanager.Generate {
	return nodemanager.Generate{Name: name, Language: scaffold.Shell, Write: true}
}

func TestWhatCannotBeMadeLeavesNothing(t *testing.T) {
	for _, tt := range []struct {
		name  string
		files map[string]string
		in    nodemanager.Generate
		want  error
	}{
		{"a directory is there", map[string]string{"greeter/x": ""}, shell("greeter"), nodemanager.ErrExists},
		{"a file is there", map[string]string{"greeter": ""}, shell("greeter"), nodemanager.ErrExists},
		{"a file is on the way", map[string]string{"tools": ""}, nodemanager.Generate{Name: "greeter", Language: scaffold.Shell, Directory: "tools", Write: true}, nodemanager.ErrTarget},
		{"outside", nil, nodemanager.Generate{Name: "greeter", Directory: "../..", Write: true}, nodemanager.ErrTarget},
		{"no name", nil, shell("Greeter!"), node.ErrName},
		{"the name of a tool", nil, shell("stamp_check"), nodemanager.ErrTaken},
		{"the name of another node", map[string]string{"a/node.onex.yaml": "name: greeter\nversion: 1.0.0\n"}, shell("greeter"), nodemanager.ErrTaken},
		{"no such language", nil, nodemanager.Generate{Name: "greeter", Language: "cobol", Write: true}, scaffold.ErrLanguage},
		{"two lines", nil, nodemanager.Generate{Name: "greeter", Language: scaffold.Shell, Description: "a\nb", Write: true}, scaffold.ErrText},
		{"onex.yaml is odd", map[string]string{"onex.yaml": "a: &x [b]\nnodes: *x\n"}, shell("greeter"), nodemanager.ErrList},
		{"no owner", map[string]string{"project.onex.yaml": "name: p\n"}, shell("greeter"), meta.ErrMissing},
	} {
		t.Run(tt.name, func(t *testing.T) {
			files := map[string]string{"project.onex.yaml": owned}
			for name, text := range tt.files {
				files[name] = text
			}
			m := project(t, files)
			unchanged(t, m.Root, tt.want, func() error {
				_, err := m.Generate(t.Context(), tt.in)
				return err
			})
		})
	}
}

func TestAProjectIsFoundedOnlyByWhoKnowsItsOwner(t *testing.T) {
	m := project(t, nil)
	unchanged(t, m.Root, meta.ErrMissing, func() error {
		_, err := m.Generate(t.Context(), shell("greeter"))
		return err
	})
	m.Found = found
	if _, err := m.Generate(t.Context(), shell("greeter")); err != nil {
		t.Fatal(err)
	}
	if text := read(t, m, "project.onex.yaml"); !strings.Contains(text, "owner: found") {
		t.Errorf("project.onex.yaml:\n%s", text)
	}
}

func TestADryRunSaysWhatWriteDoes(t *testing.T) {
	m := project(t, map[string]string{"project.onex.yaml": owned, "onex.yaml": "# mine\nlog_level: error # quiet\n"})
	in := shell("greeter")
	in.Directory, in.Write = "tools/new", false
	var planned nodemanager.Report
	unchanged(t, m.Root, nil, func() (err error) {
		planned, err = m.Generate(t.Context(), in)
		return err
	})
	in.Write = true
	made, err := m.Generate(t.Context(), in)
	if err != nil || planned.Written || !made.Written || !slices.Equal(planned.Changes, made.Changes) {
		t.Errorf("planned %+v, made %+v, %v", planned, made, err)
	}
	for _, c := range made.Changes {
		read(t, m, c.Path)
	}
	if got, want := read(t, m, "onex.yaml"), "# mine\nlog_level: error # quiet\nnodes:\n  - tools/new/greeter\n"; got != want {
		t.Errorf("onex.yaml is %q, want %q", got, want)
	}
	checked(t, m, "tools")
}

// checked fails unless all files of a directory bear current metadata.
func checked(t *testing.T, m nodemanager.Manager, dirs ...string) {
	t.Helper()
	root, err := os.OpenRoot(m.Root)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	report, err := stamp.Check(t.Context(), root, &stamp.Options{Paths: dirs})
	if err != nil || !report.OK() || report.Summary[stamp.OK] == 0 {
		t.Errorf("metadata: %+v, %v", report, err)
	}
}

// TestOnexYamlThatWasStampedStaysSo in every form of metadata.
func TestOnexYamlThatWasStampedStaysSo(t *testing.T) {
	for _, form := range []string{"full", "compact", "detached"} {
		t.Run(form, func(t *testing.T) {
			m := project(t, map[string]string{"project.onex.yaml": owned, "onex.yaml": "form: " + form + "\n"})
			root, err := os.OpenRoot(m.Root)
			if err != nil {
				t.Fatal(err)
			}
			defer root.Close()
			plan, err := stamp.Make(t.Context(), root, nil)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := plan.Apply(t.Context()); err != nil {
				t.Fatal(err)
			}
			if _, err := m.Generate(t.Context(), shell("greeter")); err != nil {
				t.Fatal(err)
			}
			checked(t, m)
			if strings.Contains(read(t, m, "greeter/main.sh"), "last_modified_at") != (form == "full") {
				t.Errorf("main.sh has not the form %s:\n%s", form, read(t, m, "greeter/main.sh"))
			}
		})
	}
}

// TestANodeThatDoesNotWorkHereIsNotMade puts programs into PATH that fail.
func TestANodeThatDoesNotWorkHereIsNotMade(t *testing.T) {
	m := project(t, map[string]string{"project.onex.yaml": owned})
	bin := t.TempDir()
	if err := os.WriteFile(filepath.Join(bin, "sh"), []byte("#!/bin/sh\necho too old >&2\nexit 9\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin)
	unchanged(t, m.Root, nodemanager.ErrTrial, func() error {
		_, err := m.Generate(t.Context(), shell("greeter"))
		if err != nil && !strings.Contains(err.Error(), "too old") {
			t.Errorf("the error does not say why: %v", err)
		}
		return err
	})

	r, err := m.Generate(t.Context(), nodemanager.Generate{Name: "greeter", Language: scaffold.Go, Write: true})
	if err != nil || len(r.Problems) != 1 || !strings.Contains(r.Problems[0].Text, `"go"`) {
		t.Errorf("without go: %+v, %v; want the node, and that it was not tried", r, err)
	}
}

func TestALinkLeadsNowhereElse(t *testing.T) {
	m := project(t, map[string]string{"project.onex.yaml": owned})
	outside := t.TempDir()
	if err := os.Symlink(outside, filepath.Join(m.Root, "tools")); err != nil {
		t.Skip(err)
	}
	in := shell("greeter")
	in.Directory = "tools"
	unchanged(t, outside, nodemanager.ErrTarget, func() error {
		_, err := m.Generate(t.Context(), in)
		return err
	})
	if err := os.Symlink("nowhere", filepath.Join(m.Root, "greeter")); err != nil {
		t.Fatal(err)
	}
	unchanged(t, m.Root, nodemanager.ErrExists, func() error {
		_, err := m.Generate(t.Context(), shell("greeter"))
		return err
	})
}

// TestNodesBesideEachOtherHaveTheSameFiles: where one has a record of its directory,
// a new one has one.
func TestNodesBesideEachOtherHaveTheSameFiles(t *testing.T) {
	m := project(t, map[string]string{"project.onex.yaml": owned, "other/.onextree": "name: other\ntype: directory\nchildren: []\n"})
	if _, err := m.Generate(t.Context(), shell("greeter")); err != nil {
		t.Fatal(err)
	}
	if text := read(t, m, "greeter/.onextree"); !strings.Contains(text, "name: main.sh") || !strings.HasPrefix(text, "name: greeter\n") {
		t.Errorf(".onextree:\n%s", text)
	}
}
