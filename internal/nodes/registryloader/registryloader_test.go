package registryloader_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/omninode-ai/onex/artifact"
	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/internal/nodes/registryloader"
)

// project makes a project with a good node and a broken package, and returns what
// onex artifacts says in it.
func project(t *testing.T, args ...string) (stdout string, err error) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"project.onex.yaml":     "name: p\n",
		"good/node.onex.yaml":   "name: good\nversion: 1.0.0\n",
		"broken/package.yaml":   "name: broken\n",
		"later/.wip":            "",
		"later/node.onex.yaml":  "name: later\nversion: 1.0.0\n",
		"later/deep/README.md":  "# deep\n",
		"good/sub/adapter.yaml": "name: a\nversion: 1.0.0\nschema_version: 1.0.0\n",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	env := &console.Env{Dir: filepath.Join(dir, "good"), Out: &out, Err: &bytes.Buffer{}}
	cmd := registryloader.Commands(env)[0]
	cmd.SetArgs(args)
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	err = cmd.Execute()
	return out.String(), err
}

func TestTheCommand(t *testing.T) {
	for _, c := range []struct {
		name   string
		args   []string
		want   []string // parts of the output, in order
		status int
	}{
		{"paths are relative to where one is", []string{"."}, []string{"good/node.onex.yaml", "adapters: 1 valid"}, 0},
		{"all", nil, []string{"broken/package.yaml", "invalid", "ONEX_REGISTRY_084", "nodes: 1 valid, 1 in progress", "packages: 0 valid, 1 invalid"}, 1},
		{"in progress", []string{"--include-wip", "--types", "nodes"}, []string{"later/node.onex.yaml", "work in progress"}, 0},
		{"a table", []string{"-o", "table", "."}, []string{"TYPE", "nodes", "good", "1.0.0", "true", "false"}, 0},
		{"for programs", []string{"-o", "json", "../broken"}, []string{`"is_valid": false`, `"error_message"`}, 1},
	} {
		out, err := project(t, c.args...)
		status := 0
		if err != nil {
			status = (&console.Env{Err: &bytes.Buffer{}}).Fail(err)
		}
		if status != c.status {
			t.Errorf("%s: status %d, want %d (%v)", c.name, status, c.status, err)
		}
		rest := out
		for _, want := range c.want {
			_, after, found := strings.Cut(rest, want)
			if !found {
				t.Errorf("%s: no %q in\n%s", c.name, want, out)
				break
			}
			rest = after
		}
	}
	if _, err := project(t, "--types", "node"); err == nil || !strings.Contains(err.Error(), artifact.ErrType.Text) {
		t.Errorf("an unknown type: %v", err)
	}
	for _, bad := range []string{"", "../nowhere/x", "../.."} {
		if out, err := project(t, bad); err == nil || out != "" {
			t.Errorf("path %q is taken: %s", bad, out)
		}
	}
}
