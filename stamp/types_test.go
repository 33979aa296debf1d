package stamp_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/omninode-ai/onex/filetype"
	"github.com/omninode-ai/onex/meta"
	"github.com/omninode-ai/onex/stamp"
)

// zigProject is a project with a type of its own.
func zigProject() map[string]string {
	return map[string]string{
		"onex.yaml": `types:
  zig:
    extensions: [.zig]
    filenames: [build.zon]
    interpreters: [zig]
    comment: "//"
    first: [shebang, {lines: "//!"}]
    runtime_language_hint: zig
    canary: src/x.zig
  gopher:
    like: go
    extensions: [.gopher]
    canary: x.gopher
`,
		"src/x.zig": "//! first\nconst x = 1;\n",
		"build.zon": ".{}\n",
		"x.gopher":  "package x\n",
		"other.odd": "?\n",
	}
}

// TestTypesOfTheProject holds that files of its types are stamped and checked as ours
// are, and that the samples count without their own blocks.
func TestTypesOfTheProject(t *testing.T) {
	root := project(t, zigProject())
	for day, want := range []map[string]string{
		{"build.zon": "add", "onex.yaml": "add", "src/x.zig": "add", "x.gopher": "add"},
		{"build.zon": "keep", "onex.yaml": "keep", "src/x.zig": "keep", "x.gopher": "keep"},
	} {
		o := options(day1.AddDate(0, 0, day))
		got := actions(mustMake(t, root, o).Items)
		for name, action := range got {
			if strings.HasPrefix(action, "skip") {
				delete(got, name)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("day %d (-want +got):\n%s", day, diff)
		}
		mustApply(t, root, o)
	}
	if text := read(t, root, "src/x.zig"); !strings.HasPrefix(text, "//! first\n// === OmniNode:Metadata ===\n") || !strings.Contains(text, "\n// runtime_language_hint: zig\n") {
		t.Errorf("src/x.zig is\n%s", text)
	}
	if text := read(t, root, "x.gopher"); !strings.HasPrefix(text, "// === OmniNode:Metadata ===\n") {
		t.Errorf("x.gopher is\n%s", text)
	}
}

func TestASampleThatIsNone(t *testing.T) {
	for name, c := range map[string]struct {
		sample string
		want   error
		says   string
	}{
		"absent":      {"", stamp.ErrNoCanary, "types.zig.canary: there is no src/x.zig"},
		"too large":   {strings.Repeat("//\n", 1<<19), stamp.ErrNoCanary, "is no file of at most"},
		"a directory": {"dir", stamp.ErrNoCanary, "is no file of at most"},
	} {
		files := zigProject()
		switch delete(files, "src/x.zig"); c.sample {
		case "":
		case "dir":
			files["src/x.zig/y"] = "y"
		default:
			files["src/x.zig"] = c.sample
		}
		p, err := stamp.Make(t.Context(), project(t, files), options(day1))
		if err == nil {
			_, err = p.Apply(t.Context())
		}
		if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", name, err, c.says)
		}
	}
}

func TestPlugins(t *testing.T) {
	const odd = `{"extensions": [".odd"], "comment": "#", "canary": "odd\n"}`
	for name, c := range map[string]struct {
		text string
		want error
		says string
	}{
		"nothing":       {"", stamp.ErrConfig, "here: no file type"},
		"no mapping":    {"[1]", stamp.ErrConfig, "here:1: types.odd: a mapping is expected"},
		"no canary":     {`{"extensions": [".odd"], "comment": "#"}`, stamp.ErrNoCanary, "types.odd has no canary"},
		"a blank one":   {`{"extensions": [".odd"], "comment": "#", "canary": " "}`, stamp.ErrNoCanary, "the canary of odd is blank"},
		"a large one":   {strings.Replace(odd, "odd\\n", strings.Repeat("x", 1<<20+1), 1), stamp.ErrNoCanary, "more than 1048576 bytes"},
		"no extensions": {`{"comment": "#", "canary": "x"}`, stamp.ErrConfig, "types.odd: has neither extensions"},
	} {
		if p, err := stamp.ParsePlugin("here", "odd", []byte(c.text)); !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %+v, %v, want %q", name, p, err, c.says)
		}
	}
	plugin, err := stamp.ParsePlugin("here", "odd", []byte(odd))
	if err != nil || plugin.Canary != "odd\n" || plugin.Override {
		t.Fatalf("%+v, %v", plugin, err)
	}
	root := project(t, map[string]string{"a.odd": "x\n"})
	o := options(day1)
	o.Plugins = []stamp.Plugin{plugin}
	if r := mustApply(t, root, o); actions(r.Files)["a.odd"] != "add" || !strings.HasPrefix(read(t, root, "a.odd"), "# === OmniNode:Metadata ===\n") {
		t.Errorf("%v\n%s", actions(r.Files), read(t, root, "a.odd"))
	}
	if got := states(t, root, &stamp.Options{All: true}); got["a.odd"] != stamp.Modified && got["a.odd"] != stamp.Skipped {
		t.Errorf("without the plugin: %v", got)
	}
}

// TestClaims holds who has what when the project, a plugin and we want it.
func TestClaims(t *testing.T) {
	files := zigProject()
	files["onex.yaml"] = strings.Replace(files["onex.yaml"], "    extensions: [.zig]\n", "    extensions: [.zig, .py]\n    override: true\n", 1)
	plugin, err := stamp.ParsePlugin("here", "odd", []byte(`{"extensions": [".odd", ".zig"], "comment": "#", "canary": "odd"}`))
	if err != nil {
		t.Fatal(err)
	}
	claims, err := stamp.Claims(project(t, files), plugin)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, c := range claims {
		over := ""
		for _, o := range c.Over {
			over += " over " + o.Type.Name
		}
		if c.Source != filetype.Core || over != "" {
			got[c.ID()] = c.Type.Name + over
		}
	}
	if diff := cmp.Diff(map[string]string{
		"extension:.gopher": "gopher", "extension:.odd": "odd", "extension:.py": "zig over python", "extension:.zig": "zig over odd",
		"interpreter:zig": "zig", "named:gopher": "gopher", "named:odd": "odd", "named:zig": "zig", "special:build.zon": "zig",
	}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestInit(t *testing.T) {
	complete := []string{meta.FieldOwner, "Team", meta.FieldAuthor, "Ann", meta.FieldCopyright, "Team"}
	for name, c := range map[string]struct {
		fields []string
		there  bool
		want   error
	}{
		"complete":      {fields: complete},
		"without owner": {fields: complete[2:], want: meta.ErrMissing},
		"not allowed":   {fields: append([]string{meta.FieldVersion, "new"}, complete...), want: meta.ErrInvalid},
		"there is one":  {fields: complete, there: true, want: stamp.ErrProjectExists},
	} {
		root := project(t, nil)
		if !c.there {
			if err := root.Remove(meta.ProjectFile); err != nil {
				t.Fatal(err)
			}
		}
		var b meta.Block
		for i := 0; i < len(c.fields); i += 2 {
			b.SetText(c.fields[i], c.fields[i+1])
		}
		before := contents(t, root)
		if err := stamp.Init(root, b); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		want := before
		if c.want == nil {
			want = map[string]string{meta.ProjectFile: string(meta.Print(b))}
		}
		if diff := cmp.Diff(want, contents(t, root)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestDirsAreThoseToWatch holds that a directory with a file that git tracks is among
// them although it is ignored.
func TestDirsAreThoseToWatch(t *testing.T) {
	root := committed(t, map[string]string{"a.md": "# A\n", "src/x.py": "x = 1\n", "out/kept.py": "x = 1\n"})
	write(t, root.Name(), ".gitignore", "out/\nnone/\n")
	write(t, root.Name(), "none/x.py", "x = 1\n")
	dirs, err := mustMake(t, root, options(day1)).Dirs(t.Context())
	if diff := cmp.Diff([]string{".", "out", "src"}, dirs); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}
