package repotest_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// A workflow is what of a file in .github/workflows is checked here; actionlint
// checks the rest.
type workflow struct {
	Jobs map[string]struct {
		Steps []struct {
			Run string `yaml:"run"`
		} `yaml:"steps"`
	} `yaml:"jobs"`
}

func loadWorkflow(t *testing.T, name string) workflow {
	t.Helper()
	var w workflow
	if err := yaml.Unmarshal([]byte(read(t, ".github/workflows/"+name)), &w); err != nil {
		t.Fatal(err)
	}
	if len(w.Jobs) == 0 {
		t.Fatalf("%s has no jobs", name)
	}
	return w
}

// stages returns what .ci/run runs when it is asked for nothing special.
func stages(t *testing.T) []string {
	t.Helper()
	m := regexp.MustCompile(`(?m)^stages=\(([a-z -]+)\)$`).FindStringSubmatch(read(t, ".ci/run"))
	if m == nil {
		t.Fatal(".ci/run has no list of stages")
	}
	return strings.Fields(m[1])
}

// TestEveryStageIsATarget holds that CI on the host and .ci/run cannot drift
// apart: both run targets of the Makefile, and nothing else.
func TestEveryStageIsATarget(t *testing.T) {
	makefile := read(t, "Makefile")
	check := func(where, target string) {
		if !strings.Contains(makefile, "\n"+target+":") {
			t.Errorf("%s runs the stage %s, which is no target of the Makefile", where, target)
		}
	}
	for _, stage := range stages(t) {
		check(".ci/run", stage)
	}
	ran := 0
	for job, j := range loadWorkflow(t, "ci.yml").Jobs {
		for _, step := range j.Steps {
			rest, ok := strings.CutPrefix(step.Run, ".ci/run")
			if !ok {
				if step.Run != "" && !strings.HasSuffix(step.Run, ".ci/deps") {
					t.Errorf("ci.yml: the job %s runs %q; want .ci/run", job, step.Run)
				}
				continue
			}
			ran++
			for _, target := range strings.Fields(strings.Split(rest, "#")[0]) {
				check("ci.yml: the job "+job, target)
			}
		}
	}
	if ran < 5 {
		t.Errorf("ci.yml runs .ci/run %d times only", ran)
	}
}

// TestRulesetsRequireJobsThatExist holds that a protected branch waits for no
// job that is never run.
func TestRulesetsRequireJobsThatExist(t *testing.T) {
	jobs := loadWorkflow(t, "ci.yml").Jobs
	files, err := filepath.Glob(filepath.Join(root, ".github", "rulesets", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d rulesets, error %v", len(files), err)
	}
	required := 0
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var set struct {
			Name, Target, Enforcement string
			Rules                     []struct {
				Type       string
				Parameters struct {
					Checks []struct{ Context string } `json:"required_status_checks"`
				}
			}
		}
		if err := json.Unmarshal(data, &set); err != nil || set.Name == "" || set.Enforcement != "active" || len(set.Rules) == 0 {
			t.Errorf("%s: %+v, error %v", name, set, err)
		}
		for _, rule := range set.Rules {
			for _, c := range rule.Parameters.Checks {
				required++
				if _, ok := jobs[c.Context]; !ok {
					t.Errorf("%s requires the job %s, which ci.yml does not have", name, c.Context)
				}
			}
		}
	}
	if required == 0 {
		t.Error("no ruleset requires a job")
	}
}

// TestHooksArePrograms holds that git runs the hooks: a file that may not be
// executed is passed over in silence.
func TestHooksArePrograms(t *testing.T) {
	hooks, err := os.ReadDir(filepath.Join(root, ".githooks"))
	if err != nil || len(hooks) == 0 {
		t.Fatalf("%d hooks, error %v", len(hooks), err)
	}
	known := []string{"pre-commit", "commit-msg", "pre-push"}
	for _, h := range hooks {
		info, err := h.Info()
		if err != nil || info.Mode()&0o111 == 0 || !slices.Contains(known, h.Name()) {
			t.Errorf(".githooks/%s: mode %v, error %v; want a program that git calls", h.Name(), info.Mode(), err)
		}
	}
}
