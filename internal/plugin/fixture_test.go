package plugin_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/omninode-ai/onex/internal/plugin"
)

func TestFixtures(t *testing.T) {
	root := project(t, map[string]string{
		"a/canary/x.py": "x = 1\n", "a/canary/deep/y.go": "package y\n", "a/nodes/hello/scenarios/one.yaml": "scenario: one\n",
		"b/nodes/hello/scenarios/two.yaml": "scenario: two\n", "b/nodes/other/scenarios/one.yaml": "",
		"stray/canary/x.py": "", "stray/README.md": "what it is\n", "file": "text\n", "run/run.sh": sh,
	})
	data := t.TempDir()
	r := find(t, plugin.Options{Root: root, Data: data, Environ: []string{
		"ONEX_PLUGIN_FIXTURE_A=a", "ONEX_PLUGIN_FIXTURE_B=b", "ONEX_PLUGIN_FIXTURE_STRAY=stray", "ONEX_PLUGIN_FIXTURE_FILE=file", "ONEX_PLUGIN_FIXTURE_RUN=run",
	}})
	why := map[string]string{}
	for _, p := range r.Unusable(plugin.Fixture) {
		why[p.Name] = p.Reason
	}
	for name, want := range map[string]string{"stray": "and no README.md", "file": "a fixture is a directory", "run": "and no run.sh"} {
		if !strings.Contains(why[name], want) {
			t.Errorf("%s: %q, want %q", name, why[name], want)
		}
	}
	samples, err := plugin.Samples(r)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range samples {
		got = append(got, s.Path)
	}
	if want := "a/canary/deep/y.go a/canary/x.py"; strings.Join(got, " ") != want {
		t.Errorf("samples %v, want %s", got, want)
	}
	for name, want := range map[string][]string{"hello": {"a/nodes/hello", "b/nodes/hello"}, "other": {"b/nodes/other"}, "nobody": nil, "../canary": nil} {
		dirs := plugin.Scenarios(r, name)
		for i := range dirs {
			if dirs[i], err = filepath.Rel(root, dirs[i]); err != nil {
				t.Fatal(err)
			}
		}
		if strings.Join(dirs, " ") != filepath.FromSlash(strings.Join(want, " ")) {
			t.Errorf("%s: %v, want %v", name, dirs, want)
		}
	}
}

func TestASampleIsBounded(t *testing.T) {
	root := project(t, map[string]string{"a/canary/large.py": strings.Repeat("x", 1<<20+1)})
	r := find(t, plugin.Options{Root: root, Data: t.TempDir(), Environ: []string{"ONEX_PLUGIN_FIXTURE_A=a"}})
	if _, err := plugin.Samples(r); err == nil || !strings.Contains(err.Error(), "more than 1048576 bytes") {
		t.Errorf("got %v", err)
	}
}
