package stamp_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/omninode-ai/onex/filetype"
	"github.com/omninode-ai/onex/stamp"
)

// A relic is a file as some stamper of the reference implementation left it.
type relic struct {
	name, head, block, gap, body string
	uuid, created                string
}

func (r relic) text() string { return r.head + r.block + r.gap + r.body }

// relicNames are files of the kinds that were stamped, with a body for each.
var relicNames = []struct{ name, body string }{
	{"tool.py", "import os\n\n\ndef main() -> None:\n    print(os.name)"},
	{"test_case.py", "\"\"\"Text.\"\"\"\nX = '# === OmniNode:Metadata ==='\n"},
	{"run.sh", "set -eu\necho \"$1\"\n"},
	{"config.yaml", "key: value\nlist:\n- a\n- '# === /OmniNode:Metadata ==='\n"},
	{"workflow.yml", "---\nname: ci\non: [push]\n"},
	{"README.md", "# Title\n\n---\n\n```yaml\n# === OmniNode:Metadata ===\nuuid: x\n# === /OmniNode:Metadata ===\n```\n"},
	{"CHANGELOG.markdown", "Text, and no final line break"},
	{".gitignore", "*.pyc\n!keep.pyc\n"},
	{"empty.py", ""},
}

// The values that fields have had, in all the ways they were written.
var (
	entrypoints = []string{
		"entrypoint: python@%s", "entrypoint: python://%s", "entrypoint: {'type': 'python', 'target': '%s'}", "entrypoint: {type: python, target: %s}",
		"entrypoint:\n  type: python\n  target: %s", "entrypoint.type: python\nentrypoint.target: %s", "entrypoint: yaml@%s", "entrypoint: '%s'",
	}
	namespaces = []string{
		"namespace: onex.stamped.x", "namespace: omnibase.stamped.x", "namespace: py://omnibase.tests.x_py", "namespace: python://x",
		"namespace: onex.ignore..onexignore", "namespace:\n  value: omnibase.x", "namespace: {value: {value: 'python://x'}}", "namespace: omnibase.nodes.my_node.v1_0_0.x",
	}
	hashes = []string{
		"hash: 760b162092bbaf6dc7b29deba3da286c389ac6923aeef85945ce1f0531231cb7", "hash: '" + strings.Repeat("0", 64) + "'", "hash: " + strings.Repeat("0", 64), "hash: " + strings.Repeat("1", 64),
	}
	toolLists = []string{"", "tools: null", "tools: {}", "tools:\n  run_it:\n    type: function\n    language: python\n    line: 12\n    description: ''\n    inputs: []\n    outputs: ['int']\n    error_codes: []\n    side_effects: []"}
	rests     = []string{
		"", "trust_score: null\ntags: null\nx_extensions: {}\ntesting: null\ncompliance_profiles: []", "trust_score: '0.95'\ntags:\n- a\n- b c\nlicense: MIT",
		"trust_score_stub:\n  runs: 0\n  failures: 0\nadapter: null\nidempotent: true", "description_2: it's \"so\" # no\ndependencies: [tool://a@1.0.0]",
	}
	times = []string{"2025-05-22T14:03:21.902628", "2025-05-28T12:40:26Z", "2025-05-29T11:50:14.897803+00:00", "2025-05-02T18:46:08+00:00", "2025-05-12"}
	gaps  = []string{"", "\n", "\n\n", "\n\n\n"}
)

// drawRelic makes one up.
func drawRelic(t *rapid.T, id int) relic {
	file := rapid.SampledFrom(relicNames).Draw(t, "file")
	r := relic{name: fmt.Sprintf("d%d/%s", id, file.name), body: file.body, uuid: fmt.Sprintf("%08x-8d1b-4c52-9a0e-5b8b6f0f4f%02x", id+1, id), created: pick(t, times)}
	quote := rapid.SampledFrom([]string{"", "'", `"`}).Draw(t, "quote")
	fields := []string{
		"metadata_version: 0.1.0", "protocol_version: " + quote + "1.1.0" + quote, "owner: Example Team", "copyright: Example", "schema_version: 0.1.0",
		"name: " + file.name, "version: 1.0.0", "uuid: " + quote + r.uuid + quote, "author: Example Team", "created_at: " + quote + r.created + quote,
		"last_modified_at: " + quote + pick(t, times) + quote, "description: Stamped by PythonHandler", "state_contract: state_contract://default", "lifecycle: active",
		pick(t, hashes), fmt.Sprintf(strings.ReplaceAll(pick(t, entrypoints), "%s", "%[1]s"), file.name), "runtime_language_hint: python>=3.11", pick(t, namespaces), "meta_type: tool",
	}
	for _, more := range []string{pick(t, toolLists), pick(t, rests)} {
		if more != "" {
			fields = append(fields, more)
		}
	}
	if rapid.Bool().Draw(t, "alphabetical") {
		slices.Sort(fields)
	}
	r.block, r.gap = drawBlock(t, strings.HasSuffix(file.name, ".md") || strings.HasSuffix(file.name, ".markdown"), strings.Join(fields, "\n")), pick(t, gaps)
	if (strings.HasSuffix(r.name, ".py") || strings.HasSuffix(r.name, ".sh")) && rapid.Bool().Draw(t, "shebang") {
		r.head = pick(t, []string{"#!/usr/bin/env x\n", "#!/usr/bin/env x\n\n"})
	}
	return r.dressed(rapid.Bool().Draw(t, "bom"), rapid.IntRange(0, 3).Draw(t, "crlf") == 0)
}

// drawBlock surrounds fields with delimiters in one of the ways that were used.
func drawBlock(t *rapid.T, markdown bool, fields string) string {
	prefixed := func(before, after string) string {
		return before + strings.ReplaceAll(fields, "\n", after+"\n"+before) + after
	}
	if !markdown {
		text := rapid.SampledFrom([]string{prefixed("# ", ""), fields, prefixed("# ", "") + "\n", fields + "\n", prefixed("#", "")}).Draw(t, "prefix")
		return pyOpen + text + "\n" + pyClose
	}
	const open, end = "<!-- === OmniNode:Metadata ===", "=== /OmniNode:Metadata === -->\n"
	switch rapid.IntRange(0, 4).Draw(t, "comment") {
	case 0:
		return open + "\n" + fields + "\n\n<!-- " + end
	case 1:
		return open + "\n" + fields + "\n" + end
	case 2:
		return open + "\n" + prefixed("<!-- ", " -->") + "\n<!-- " + end
	case 3:
		return open + " -->\n" + prefixed("<!-- ", " -->") + "\n<!-- " + end
	}
	return open + "\n" + fields + "\n<!-- " + end
}

// dressed gives r a byte order mark and the line ends of Windows.
func (r relic) dressed(bom, crlf bool) relic {
	if crlf {
		for _, s := range []*string{&r.head, &r.block, &r.gap, &r.body} {
			*s = strings.ReplaceAll(*s, "\n", "\r\n")
		}
	}
	if bom && r.head == "" {
		r.head = "\ufeff"
	}
	return r
}

func pick(t *rapid.T, from []string) string { return rapid.SampledFrom(from).Draw(t, "one") }

// TestIdentityOfHistoricFilesSurvives stamps files in every shape that was
// written: each keeps uuid and created_at, and every byte that is not of the
// block; after that all are in order, and stamping again finds nothing to do.
func TestIdentityOfHistoricFilesSurvives(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var relics []relic
		files := map[string]string{}
		for i := range 12 {
			r := drawRelic(rt, i)
			relics = append(relics, r)
			files[r.name] = r.text()
		}
		root := project(t, files)
		defer root.Close()
		if r := mustApply(t, root, options(day1)); r.Summary[stamp.Update] != len(relics) {
			t.Fatalf("%v %v", r.Summary, r.Files)
		}
		for _, r := range relics {
			checkRelic(t, r, read(t, root, r.name))
		}
		if r := check(t, root, nil); !r.OK() {
			t.Fatalf("after stamping: %+v", r.Files)
		}
		if r := mustApply(t, root, options(day2)); r.Summary[stamp.Keep] != len(relics) {
			t.Fatalf("the second run: %+v", r.Files)
		}
	})
}

func checkRelic(t *testing.T, r relic, out string) {
	t.Helper()
	typ, _ := filetype.Standard().Find(r.name, []byte(out))
	p, err := typ.Split([]byte(out))
	if err != nil || p.Meta.UUID() != r.uuid || p.Meta.CreatedAt() != r.created {
		t.Fatalf("%s: %v, uuid %q, created_at %q\nwas:\n%s\nis:\n%s", r.name, err, p.Meta.UUID(), p.Meta.CreatedAt(), r.text(), out)
	}
	before, err := typ.Strip([]byte(r.text()))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(out, r.head) {
		t.Fatalf("%s: what was above the block is gone\nwas:\n%s\nis:\n%s", r.name, r.text(), out)
	}
	r.head = strings.Replace(r.head, "\n\n", "\n", 1) // blank lines above the block are its own
	r.head = strings.Replace(r.head, "\r\n\r\n", "\r\n", 1)
	after := r.head + strings.TrimPrefix(strings.TrimPrefix(r.gap, "\r\n"), "\n") + r.body
	if got, err := typ.Strip([]byte(out)); err != nil || string(got) != after || string(before) != after {
		t.Fatalf("%s: the body is\n%q\nwas\n%q\nwant\n%q, %v", r.name, got, before, after, err)
	}
}

// A manifest that is metadata as a whole has an identity already, which its
// block continues.
func TestDocumentsKeepTheirIdentity(t *testing.T) {
	const fields = "metadata_version: 0.1.0\nschema_version: 0.1.0\nname: a_node\nuuid: " + oldID + "\ncreated_at: '2025-06-10T12:00:00Z'\nhash: TBD\nmeta_type: tool\ntags:\n- a\n"
	for what, text := range map[string]string{
		"document": "---\n\n" + fields, "comment first": "# self-describing\n" + fields + "license: MIT ", "first of two": "---\n" + fields + "\n...\n\nkey: value\nuuid: x\n",
	} {
		for _, form := range []filetype.Form{filetype.Full, filetype.Compact, filetype.Detached} {
			root := project(t, map[string]string{"nodes/a/node.onex.yaml": text})
			o := inForm(options(day1), form)
			mustApply(t, root, o)
			got := read(t, root, "nodes/a/node.onex.yaml")
			if form != filetype.Full {
				got += read(t, root, "nodes/a/.onex.yaml")
			}
			if n := strings.Count(got, "uuid: "+oldID) + strings.Count(got, "uuid="+oldID); n < 2 || strings.Count(got, "created_at: '2025-06-10T12:00:00Z'") != 2 || !strings.Contains(got, text) {
				t.Errorf("%s, %s:\n%s", what, form, got)
			}
			if r := mustApply(t, root, o); r.Summary[stamp.Keep] == 0 || r.Summary[stamp.Update]+r.Summary[stamp.Add] > 0 {
				t.Errorf("%s, %s: again: %v", what, form, r.Files)
			}
		}
	}
	for what, text := range map[string]string{
		"no metadata": "uuid: " + oldID + "\ncreated_at: 2025\n", "second document": "a: b\n---\n" + fields, "indented": "  " + strings.ReplaceAll(fields, "\n", "\n  ") + "\n",
		"template": strings.ReplaceAll(fields, oldID, "TEMPLATE-UUID-REPLACE-ME"),
	} {
		root := project(t, map[string]string{"a.yaml": text})
		mustApply(t, root, options(day1))
		if got := read(t, root, "a.yaml"); strings.Contains(got, "\n# uuid: "+oldID) || !strings.HasSuffix(got, text) {
			t.Errorf("%s:\n%s", what, got)
		}
	}
}
