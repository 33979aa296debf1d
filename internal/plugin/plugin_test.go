package plugin_test

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/omninode-ai/onex/internal/plugin"
	"github.com/omninode-ai/onex/lint"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// project makes a directory with the files, of which those that start with #! may
// be executed; the tests beside this one start no program meanwhile, which would
// hold a file open for writing for a moment.
func project(t *testing.T, files map[string]string) string {
	t.Helper()
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		mode := os.FileMode(0o644)
		if strings.HasPrefix(text, "#!") {
			mode = 0o755
		}
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const sh = "#!/bin/sh\n"

func find(t *testing.T, o plugin.Options) *plugin.Registry {
	t.Helper()
	r, err := plugin.Find(&o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestPrioritiesAndConflicts(t *testing.T) {
	root := project(t, map[string]string{
		".onex/plugins/validator/a.sh": sh, ".onex/plugins/validator/b.sh": sh, ".onex/plugins/validator/b.py": sh,
		"c.sh": sh, "e.sh": sh, ".onex/plugins/validator/z-z.sh": sh,
	})
	declared, err := plugin.ParseConfig(root, "onex.yaml", []byte("plugins:\n  validator:\n    a: c.sh\n    d: {path: c.sh, args: [-q], priority: 20}\n"))
	if err != nil {
		t.Fatal(err)
	}
	r := find(t, plugin.Options{Root: root, Data: t.TempDir(), Declared: declared,
		Environ: []string{"ONEX_PLUGIN_VALIDATOR_A=e.sh", "ONEX_PLUGIN_VALIDATOR_D=e.sh", "ONEX_PLUGIN_VALIDATOR_Z_Z=e.sh", "ONEX_PLUGIN_HANDLER_Z_Z=e.sh"}})
	var got []string
	for _, p := range r.Plugins {
		got = append(got, p.ID()+" "+string(p.Source)+" "+string(p.State))
	}
	want := "handler:z_z environment active, validator:a environment active, validator:a config shadowed, validator:a directory shadowed, " +
		"validator:b directory untrusted, validator:b directory shadowed, validator:d config untrusted, validator:d environment shadowed, " +
		"validator:z-z environment active, validator:z-z directory shadowed"
	if strings.Join(got, ", ") != want {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, ", "), want)
	}
	if reason := r.Plugins[5].Reason; !strings.Contains(reason, "found first, with the same priority") {
		t.Errorf("reason %q", reason)
	}
}

func TestWhatComesWithARepositoryRunsWhenItIsTrustedAsItIs(t *testing.T) {
	root, data := project(t, map[string]string{".onex/plugins/validator/a.sh": sh, ".onex/plugins/node/n/node.onex.yaml": "name: n\n"}), t.TempDir()
	states := func(environ ...string) string {
		var all []string
		for _, p := range find(t, plugin.Options{Root: root, Data: data, Environ: environ}).Plugins {
			all = append(all, string(p.State))
		}
		return strings.Join(all, " ")
	}
	check := func(when, want string, environ ...string) {
		t.Helper()
		if got := states(environ...); got != want {
			t.Errorf("%s: %s, want %s", when, got, want)
		}
	}
	check("at first", "untrusted untrusted")
	check("in CI", "active active", "ONEX_PLUGINS=all")
	check("without any", "off off", "ONEX_PLUGINS=off")
	all := find(t, plugin.Options{Root: root, Data: data}).Plugins
	if err := plugin.Trust(data, all); err != nil {
		t.Fatal(err)
	}
	check("trusted", "active active")
	if err := os.WriteFile(filepath.Join(root, ".onex/plugins/node/n/more"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	check("a file more", "active untrusted")
	if err := plugin.Distrust(data, all); err != nil {
		t.Fatal(err)
	}
	check("distrusted", "untrusted untrusted")
	if err := os.Chmod(filepath.Join(root, ".onex/plugins/validator/a.sh"), 0o644); err != nil {
		t.Fatal(err)
	}
	check("no program any more", "broken untrusted")
}

func TestDeclarationsAreRefused(t *testing.T) {
	for text, want := range map[string]string{
		"plugins: [a]":                                   "a mapping is expected",
		"plugins: {linter: {a: b}}":                      "not one of",
		"plugins: {validator: {A B: b}}":                 "is no name",
		"plugins: {validator: {a: {args: [x]}}}":         "needs a program",
		"plugins: {validator: {a: {color: red}}}":        "unknown key",
		"plugins: {validator: {a: {path: x, path: y}}}":  "set twice",
		"plugins: {validator: {a: {priority: highest}}}": "invalid syntax",
	} {
		if _, err := plugin.ParseConfig("/", "onex.yaml", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want one with %q", text, err, want)
		}
	}
	for _, variable := range []string{"ONEX_PLUGINS=maybe", "ONEX_PLUGIN_LINTER_A=x", "ONEX_PLUGIN_VALIDATOR=x"} {
		if _, err := plugin.Find(&plugin.Options{Root: t.TempDir(), Data: t.TempDir(), Environ: []string{variable}}); !errors.Is(err, plugin.ErrConfig) {
			t.Errorf("%s: error %v", variable, err)
		}
	}
}

// TestBrokenPrograms has programs do what they must not. Each ends in an error that
// names it, and nothing of it goes on running.
func TestBrokenPrograms(t *testing.T) {
	for name, tt := range map[string]struct {
		script, want string
		kind         error
	}{
		"hangs":            {"sleep 1000", "had not answered after", plugin.ErrTimeout},
		"leaves a child":   {"sleep 1000 & wait", "had not answered after", plugin.ErrTimeout},
		"ignores the end":  {"trap '' TERM; while :; do sleep 1; done", "had not answered", plugin.ErrTimeout},
		"says garbage":     {"cat >/dev/null; echo hello", "line 1 is no JSON object", plugin.ErrFailed},
		"says no end":      {`cat >/dev/null; echo '{"type":"x"}'`, "without the line", plugin.ErrFailed},
		"says nothing":     {"cat >/dev/null", "without the line", plugin.ErrFailed},
		"a long line":      {"cat >/dev/null; head -c 100000 /dev/zero | tr '\\0' a", "more than 65536 bytes", plugin.ErrFailed},
		"no end of lines":  {`cat >/dev/null; while :; do echo '{"type":"x"}'; done`, "more than 50 lines", plugin.ErrFailed},
		"exit 1":           {"cat >/dev/null; echo no such module >&2; exit 1", "exit status 1: no such module", plugin.ErrFailed},
		"exit 1 after all": {`cat >/dev/null; echo '{"type":"done"}'; exit 1`, "exit status 1", plugin.ErrFailed},
		"dies":             {"kill -9 $$", "killed", plugin.ErrFailed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := project(t, map[string]string{"p.sh": sh + tt.script + "\n"})
			p := find(t, plugin.Options{Root: root, Data: t.TempDir(), Environ: []string{"ONEX_PLUGIN_VALIDATOR_P=p.sh"}}).Plugins[0]
			limit := 30 * time.Second
			if errors.Is(tt.kind, plugin.ErrTimeout) {
				limit = 300 * time.Millisecond
			}
			err := p.Exchange(t.Context(), []byte("{}\n"), plugin.Limits{Time: limit, Lines: 50}, func([]byte) error { return nil })
			if !errors.Is(err, tt.kind) || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), "validator:p") {
				t.Errorf("error %v, want %v with %q", err, tt.kind, tt.want)
			}
		})
	}
}

func TestAProgramSeesNoSecrets(t *testing.T) {
	t.Setenv("ONEX_TOKEN", "topsecret")
	root := project(t, map[string]string{"p.sh": sh + `cat >/dev/null
printf '{"type":"x","n":%d}\n' $(env | grep -c topsecret)
echo '{"type":"done"}'
`})
	p := find(t, plugin.Options{Root: root, Data: t.TempDir(), Environ: []string{"ONEX_PLUGIN_VALIDATOR_P=p.sh"}}).Plugins[0]
	var said string
	if err := p.Exchange(t.Context(), nil, plugin.Limits{}, func(line []byte) error { said += string(line); return nil }); err != nil {
		t.Fatal(err)
	}
	if want := `{"type":"x","n":0}`; said != want {
		t.Errorf("it said %s, want %s", said, want)
	}
}

func TestAChangedProgramDoesNotRun(t *testing.T) {
	root := project(t, map[string]string{"p.sh": sh})
	p := find(t, plugin.Options{Root: root, Data: t.TempDir(), Environ: []string{"ONEX_PLUGIN_VALIDATOR_P=p.sh"}}).Plugins[0]
	if err := os.WriteFile(p.Path, []byte(sh+"echo"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := p.Exchange(t.Context(), nil, plugin.Limits{}, nil); !errors.Is(err, plugin.ErrUntrusted) {
		t.Errorf("error %v", err)
	}
}

const rule = `{"type":"rule","id":"ACME001","name":"acme","level":"warning","files":["*.txt"],"short":"s","why":"w","bad":"b","good":"g"}`

// validator answers describe with lines, and check with others.
func validator(describe, check string) string {
	return sh + `read request
case "$request" in
*describe*) cat <<'E'
` + describe + `
E
;;
*) cat >/dev/null; cat <<'E'
` + check + `
E
;;
esac
`
}

const end = "\n" + `{"type":"done"}`

func TestValidators(t *testing.T) {
	for name, tt := range map[string]struct{ script, want string }{
		"finds":                 {validator(rule+end, `{"type":"finding","rule":"ACME001","path":"a.txt","line":1,"column":2,"message":"bad"}`+end), "a.txt:1:2: warning: bad [ACME001]"},
		"finds nothing":         {validator(rule+end, end), ""},
		"of another rule":       {validator(rule+end, `{"type":"finding","rule":"P001","path":"a.txt","message":"bad"}`+end), "asked was ACME001"},
		"of another file":       {validator(rule+end, `{"type":"finding","rule":"ACME001","path":"../etc/passwd","message":"bad"}`+end), "was not asked"},
		"a key nobody knows":    {validator(rule+end, `{"type":"finding","rule":"ACME001","path":"a.txt","message":"bad","severity":1}`+end), "unknown field"},
		"breaks off":            {validator(rule+end, `{"type":"finding","rule":"ACME001","path":"a.txt","message":"bad"}`), "without the line"},
		"describes no rule":     {validator(end, end), "has no rules"},
		"describes half a rule": {validator(`{"type":"rule","id":"ACME001"}`+end, end), "the name"},
		"a line at the end":     {validator(rule+end, `{"type":"finding","rule":"ACME001","path":"a.txt","line":99,"column":9,"message":"bad"}`+end), "a.txt:1:"},
	} {
		t.Run(name, func(t *testing.T) { // not parallel: a program that is written while another test forks is busy
			root := project(t, map[string]string{"p.sh": tt.script, "a.txt": "text"})
			found := find(t, plugin.Options{Root: root, Data: t.TempDir(), Environ: []string{"ONEX_PLUGIN_VALIDATOR_P=p.sh"}})
			dir, err := os.OpenRoot(root)
			if err != nil {
				t.Fatal(err)
			}
			defer dir.Close()
			report, err := lint.Run(t.Context(), dir, plugin.Rules(t.Context(), found), nil)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, d := range report.Findings {
				got = append(got, d.String())
			}
			if text := strings.Join(got, "\n"); tt.want == "" && text != "" || !strings.Contains(text, tt.want) {
				t.Errorf("got %q, want %q", text, tt.want)
			}
			if tt.want != "" && !report.Failed() {
				t.Error("the run passes")
			}
		})
	}
}

func TestHandlers(t *testing.T) {
	for name, tt := range map[string]struct{ says, want string }{
		"a type":            {`{"type":"handler","name":"nix","extensions":[".nix"],"comment":"#","canary":"{ pkgs }: pkgs.hello\n"}` + end, ""},
		"no canary":         {`{"type":"handler","name":"nix","extensions":[".nix"],"comment":"#"}` + end, "canary"},
		"an unknown key":    {`{"type":"handler","name":"nix","extensions":[".nix"],"comment":"#","canary":"x","color":1}` + end, "unknown key"},
		"no name":           {`{"type":"handler","extensions":[".nix"],"comment":"#","canary":"x"}` + end, "want type handler"},
		"two":               {strings.Repeat(`{"type":"handler","name":"nix","extensions":[".nix"],"comment":"#","canary":"x"}`+"\n", 2) + `{"type":"done"}`, "2 file types"},
		"nothing of a type": {strings.TrimSpace(end), "0 file types"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := project(t, map[string]string{"p.sh": sh + "cat >/dev/null\ncat <<'E'\n" + tt.says + "\nE\n"})
			found := find(t, plugin.Options{Root: root, Data: t.TempDir(), Environ: []string{"ONEX_PLUGIN_HANDLER_P=p.sh"}})
			types, err := plugin.FileTypes(t.Context(), found)
			switch {
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("error %v, want one with %q", err, tt.want)
			case tt.want == "" && (err != nil || len(types) != 1 || types[0].Type.Name != "nix" || types[0].Canary == ""):
				t.Errorf("got %+v, error %v", types, err)
			}
		})
	}
}

// marks is a validator with one rule, TEST001, which finds lines that say FIND.
const marks = sh + `read -r request
case $request in
*describe*) printf '%s\n' '{"type":"rule","id":"TEST001","name":"find","level":"warning","files":["*.txt"],"short":"s","why":"w","bad":"FIND","good":"g"}' ;;
*) while read -r line; do
	path=${line#*:\"}; path=${path%\"\}}
	grep -n FIND "$path" | while IFS=: read -r number _; do
		printf '{"type":"finding","rule":"TEST001","path":"%s","line":%d,"message":"%s"}\n' "$path" "$number" "$(cat "$(dirname "$0")/message")"
	done
done ;;
esac
echo '{"type":"done"}'
`

// TestARuleHoldsItsCases breaks the rule, and its cases, in one way at a time.
func TestARuleHoldsItsCases(t *testing.T) {
	whole := map[string]string{"run.sh": marks, "message": "found", "testdata/TEST001/bad.txt": "FIND want \"found\"\n", "testdata/TEST001/good.txt": "nothing\n"}
	for name, tt := range map[string]struct {
		change map[string]string
		want   string
	}{
		"whole":                 {nil, ""},
		"no extension":          {map[string]string{"run.sh": "", "run": marks}, ""},
		"it finds nothing":      {map[string]string{"run.sh": strings.Replace(marks, "-n FIND", "-n NOBODY", 1)}, `TEST001: not found: bad.txt:1: "found"`},
		"it finds everything":   {map[string]string{"run.sh": strings.Replace(marks, "-n FIND", "-n .", 1)}, "found and not wanted: good.txt:1"},
		"it says another thing": {map[string]string{"message": "other"}, `not found: bad.txt:1: "found"`},
		"no case to catch":      {map[string]string{"testdata/TEST001/bad.txt": "nothing\n"}, "0 of 2 files have wants"},
		"none that it must not": {map[string]string{"testdata/TEST001/good.txt": ""}, "1 of 1 files have wants"},
		"no cases":              {map[string]string{"testdata/TEST001/bad.txt": "", "testdata/TEST001/good.txt": ""}, "TEST001 has no cases"},
		"no program":            {map[string]string{"run.sh": ""}, "0 programs called run"},
		"two programs":          {map[string]string{"run": marks}, "2 programs called run"},
		"not executable":        {map[string]string{"run.sh": "", "run.txt": "text"}, "is not executable"},
		"it fails":              {map[string]string{"run.sh": sh + "echo why >&2; exit 3\n"}, "exit status 3: why"},
	} {
		t.Run(name, func(t *testing.T) {
			files := maps.Clone(whole)
			maps.Copy(files, tt.change)
			maps.DeleteFunc(files, func(_, text string) bool { return text == "" })
			err := plugin.Prove(t.Context(), project(t, files))
			if got := fmt.Sprint(err); tt.want == "" && err != nil || !strings.Contains(got, tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

// TestAToolIsANode breaks what a program says of its tools, in one way at a time.
func TestAToolIsANode(t *testing.T) {
	const whole = `{"type":"tool","name":"a","description":"d","input":{"type":"object"},"output":{"type":"string"}}`
	for name, tt := range map[string]struct{ says, want string }{
		"whole":                 {whole, ""},
		"two tools":             {whole + "\n" + strings.Replace(whole, `"a"`, `"b"`, 1), ""},
		"the same twice":        {whole + "\n" + whole, `describes the tool "a" twice`},
		"no tool":               {"", "has no tools"},
		"another type":          {strings.Replace(whole, `"tool"`, `"rule"`, 1), `want type tool, got "rule"`},
		"a key that is unknown": {strings.Replace(whole, "description", "descripton", 1), "describes no contract"},
		"no name":               {strings.Replace(whole, `"a"`, `""`, 1), "describes no contract"},
	} {
		t.Run(name, func(t *testing.T) {
			script := sh + "cat >/dev/null\ncat <<'END'\n" + tt.says + "\n{\"type\":\"done\"}\nEND\n"
			root, data := project(t, map[string]string{"dir/run.sh": script, "dir/more/beside": "", "single.sh": script}), t.TempDir()
			r := find(t, plugin.Options{Root: root, Data: data, Environ: []string{"ONEX_PLUGIN_TOOL_DIR=dir", "ONEX_PLUGIN_TOOL_SINGLE=single.sh"}})
			for _, p := range r.Active(plugin.Tool) {
				dir, err := p.Directory(t.Context(), data)
				if got := fmt.Sprint(err); tt.want == "" && err != nil || !strings.Contains(got, tt.want) {
					t.Fatalf("%s: got %v, want %q", p.Name, err, tt.want)
				}
				if err != nil {
					continue
				}
				for _, file := range []string{"node.onex.yaml", "contract.yaml", "run.sh"} {
					if _, err := os.Stat(filepath.Join(dir, file)); err != nil {
						t.Errorf("%s: %v", p.Name, err)
					}
				}
				if again, err := p.Directory(t.Context(), data); again != dir || err != nil {
					t.Errorf("%s: again %s, %v, want %s", p.Name, again, err, dir)
				}
			}
			if left, _ := filepath.Glob(filepath.Join(data, "tools", ".new-*")); len(left) > 0 {
				t.Errorf("left over: %v", left)
			}
		})
	}
}

// TestAToolThatChangedIsNoneOfIt changes a program between the look and the run.
func TestAToolThatChangedIsNoneOfIt(t *testing.T) {
	root, data := project(t, map[string]string{"a.sh": sh, "b/run": sh}), t.TempDir()
	r := find(t, plugin.Options{Root: root, Data: data, Environ: []string{"ONEX_PLUGIN_TOOL_A=a.sh", "ONEX_PLUGIN_TOOL_B=b"}})
	for _, name := range []string{"a.sh", "b/run"} {
		if err := os.WriteFile(filepath.Join(root, name), []byte(sh+"# other\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range r.Active(plugin.Tool) {
		if dir, err := p.Directory(t.Context(), data); !errors.Is(err, plugin.ErrUntrusted) {
			t.Errorf("%s: %q, %v, want %v", p.Name, dir, err, plugin.ErrUntrusted)
		}
	}
}
