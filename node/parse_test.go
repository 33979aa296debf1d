package node_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/node"
)

func testdata(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestSmallestManifest(t *testing.T) {
	got, err := node.ParseManifest([]byte("name: greeter\nversion: 1.0.0\nruntime: exec\ncommand: [python3, greeter.py]\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := node.Manifest{Name: "greeter", Version: "1.0.0", Runtime: node.Exec,
		Program: node.Program{Command: []string{"python3", "greeter.py"}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestScalarsAreReadByTheirFieldNotByTheirLook(t *testing.T) {
	got, err := node.ParseManifest(testdata(t, "manifest/full.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	want := node.Manifest{
		Name: "stamper_node", Version: "1.10.0", UUID: "4f13e6e3-84de-4e5d-8579-f90f3dd41a16",
		Description: "Stamps files.\nAnd checks them.\n", Owner: "OmniNode Team", Author: "OmniNode Team",
		Runtime: node.MCP, TTL: 3 * time.Second, Tags: []string{"a", "1.0"},
		Program: node.Program{Command: []string{"./server", "--port=0"}, Env: []string{"API_TOKEN"},
			Timeout: 2500 * time.Millisecond, Output: 65536, Memory: 256},
		Meta: []node.Field{
			{Key: "metadata_version", Value: raw(`"0.1.0"`)},
			{Key: "protocol_version", Value: raw(`"0.1.0"`)},
			{Key: "copyright", Value: raw(`"OmniNode Team"`)},
			{Key: "schema_version", Value: raw(`"0.1.0"`)},
			{Key: "created_at", Value: raw(`"2025-05-28T12:40:26.539104"`)},
			{Key: "last_modified_at", Value: raw(`"2025-05-28T17:20:05+00:00"`)},
			{Key: "state_contract", Value: raw(`"state_contract://stamper_contract.yaml"`)},
			{Key: "lifecycle", Value: raw(`"active"`)},
			{Key: "hash", Value: raw(`"` + strings.Repeat("0", 64) + `"`)},
			{Key: "entrypoint", Value: raw(`{"type":"python","target":"node.py"}`)},
			{Key: "runtime_language_hint", Value: raw(`"python>=3.11"`)},
			{Key: "namespace", Value: raw(`{"value":"py://omnibase.nodes"}`)},
			{Key: "meta_type", Value: raw(`"tool"`)},
			{Key: "trust_score", Value: raw(`0.95`)},
			{Key: "dependencies", Value: raw(`["tool://omnibase@>=0.2.0",{"name":"yes","type":"model","target":"1.0","optional":true}]`)},
			{Key: "x_extensions", Value: raw(`{"weight":31,"country":"no","when":"2025-01-01","price":1.50}`)},
			{Key: "source_repository", Value: raw(`{"commit_hash":"1234567890123456789012345678901234567890"}`)},
			{Key: "tools", Value: raw(`{}`)},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got, want := got.Identity(), (node.Identity{Name: "stamper_node", UUID: want.UUID}); got != want {
		t.Errorf("identity %+v, want %+v", got, want)
	}
}

func TestParseContract(t *testing.T) {
	got, err := node.ParseContract(testdata(t, "contract/greeter.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	want := node.Contract{ContractVersion: "1.0.0", Node: "greeter", Description: "Greets people", Tools: []node.Tool{{
		Name: "greet", Description: "Greets one person",
		Input: raw(`{"type":"object","properties":{` +
			`"name":{"type":"string","minLength":1,"default":"on"},` +
			`"born":{"type":"string","format":"date","examples":["2001-12-14"]},` +
			`"times":{"type":"integer","maximum":9007199254740991,"multipleOf":1.0}},` +
			`"required":["name"],"x-unknown":15}`),
		Output:      raw(`{"type":"object","properties":{"text":{"type":"string"},"at":{"type":"string","format":"date-time"}},"required":["text"]}`),
		Errors:      []node.ToolError{{Code: "NAME_EMPTY", Description: "The name is empty", ExitStatus: 3}},
		Effects:     []node.Effect{node.Network},
		Idempotency: node.Keyed,
		Volatile:    []string{"/at"},
		TimeoutMS:   100,
		Examples: []node.Scenario{
			{Name: "a person", Input: raw(`{"name":"Ann"}`), Output: raw(`{"text":"Hello, Ann!"}`), Status: node.Success},
			{Input: raw(`{"name":""}`), Error: "NAME_EMPTY", Status: node.Failed},
		},
	}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if tool, ok := got.Tool("greet"); !ok || tool.Name != "greet" {
		t.Errorf("Tool(greet) = %v, %t", tool.Name, ok)
	}
	if _, ok := got.Tool("shout"); ok {
		t.Error("Tool(shout) was found")
	}
}

func raw(s string) json.RawMessage { return json.RawMessage(s) }

// Every case is one file and what is said about it, each line without the name
// of the file.
func TestManifestProblemsAreNamedByLineAndColumn(t *testing.T) {
	const ok = "name: a\nversion: 1.0.0\n"
	for _, tt := range []struct{ file, want string }{
		{"", `1:1: the file is empty`},
		{"# nothing\n", `1:1: the file is empty`},
		{"[]", `1:1: must be an object, is list`},
		{"version: 1.0.0", `1:1: missing key "name"`},
		{"name:\nversion: 1.0.0", `1:1: missing key "name"`},
		{"name: Greeter\nversion: 1.10", "1:7: name \"Greeter\" must be lower-case letters, digits and underscores, beginning with a letter\n" +
			`2:10: version "1.10" must be three numbers, as 1.2.0 (semantic versioning)`},
		{"name: a\nversion: v1.2.3", `2:10: version "v1.2.3" must be three numbers, as 1.2.0 (semantic versioning)`},
		{"name: " + strings.Repeat("a", 65) + "\nversion: 1.0.0", `1:7: name "` + strings.Repeat("a", 65) + `" is longer than 64 characters`},
		{ok + "descripton: x", `3:1: unknown key "descripton"; did you mean "description"?`},
		{ok + "zzz: x", `3:1: unknown key "zzz"`},
		{ok + "name: b", `3:1: duplicate key "name", first at 1:1`},
		{ok + "Name: b", `3:1: unknown key "Name"; did you mean "name"?`},
		{ok + "description: [a]", `3:14: must be text, is list`},
		{ok + "tags: a", `3:7: must be a list, is text "a"`},
		{ok + "tags: [a, {b: c}]", `3:11: must be text, is object`},
		{ok + "uuid: 0", `3:7: uuid "0" must be 32 hexadecimal digits as 8-4-4-4-12, not all zero`},
		{ok + "uuid: 00000000-0000-0000-0000-000000000000", `3:7: uuid "00000000-0000-0000-0000-000000000000" must be 32 hexadecimal digits as 8-4-4-4-12, not all zero`},
		{ok + "runtime: python", `3:10: "python" is not one of go, exec, mcp`},
		{ok + "runtime: exec", `1:1: missing key "command": runtime exec starts a program`},
		{ok + "runtime: mcp\ncommand:", `1:1: missing key "command": runtime mcp starts a program, or has the url of a server`},
		{ok + "runtime: exec\ncommand: []", `4:10: command must name a program`},
		{ok + "runtime: exec\ncommand: python3 x.py", `4:10: must be a list, is text "python3 x.py"`},
		{ok + `command: [x]`, `3:1: command is for programs: write runtime: exec or runtime: mcp with it, or remove it`},
		{ok + "runtime: exec\ncommand: [\"a\\0\"]", `4:10: no operating system accepts a NUL character here`},
		{ok + "runtime: exec\ncommand: [x]\nenv: [A=b]", `5:7: "A=b" is not the name of an environment variable; values are not written here`},
		{ok + "ttl_ms: 1.5", `3:9: must be a whole number from 0 to 86400000, is number "1.5"`},
		{ok + "ttl_ms: -1", `3:9: must be a whole number from 0 to 86400000, is number "-1"`},
		{ok + "ttl_ms: 3s", `3:9: must be a whole number from 0 to 86400000, is text "3s"`},
		{ok + "x_extensions: {a: .inf}", `3:19: number ".inf" cannot be held exactly by every JSON program; write it as text`},
		{ok + "x_extensions: {a: 9007199254740993}", `3:19: number "9007199254740993" cannot be held exactly by every JSON program; write it as text`},
		{ok + "x_extensions: [a]", `3:15: must be an object, is list`},
		{ok + "signature_block: {signer: x}", `3:19: unknown key "signer"`},
		{ok + "a: [", `3:1: did not find expected node content`},
		{ok + "\tb: c", `2:1: found a tab character that violates indentation`},
		{ok + "---\nname: b", `3:1: a second document begins; the file holds one`},
		{ok + "---\n{", "4:1: did not find expected node content"},
		{ok + "description: !!int 3", `3:14: tag "!!int" is not supported`},
		{ok + "? [a]\n: b", `3:3: a key must be text`},
		{"a: &a {x: y}\n<<: *a\nname: a\nversion: 1.0.0", "2:1: merge keys are not supported"},
		{ok + "description: \"\xff\"", `3:15: not UTF-8`},
		{ok + strings.Repeat("#", 1<<20), "1048599 bytes are more than the limit of 1048576"},
		{ok + "x_extensions: " + strings.Repeat("[", 70) + strings.Repeat("]", 70), "3:79: more than 64 levels"},
		{ok + "x_extensions: {a: &a [*a]}", "3:23: more than 64 levels"},
		{ok + bomb(), "4:16: more than 100000 values, counting those that aliases repeat"},
		{ok + "tags: [" + strings.Repeat("a,", 1001) + "]", "3:7: 1001 items are more than the limit of 1000"},
	} {
		got, err := node.ParseManifest([]byte(tt.file))
		if !errors.Is(err, node.ErrManifest) {
			t.Errorf("%.60q: error %v, manifest %+v", tt.file, err, got)
			continue
		}
		if diff := cmp.Diff(tt.want, problems(err, node.ManifestFile)); diff != "" {
			t.Errorf("%.60q (-want +got):\n%s", tt.file, diff)
		}
	}
}

// bomb is a file whose aliases multiply: ten to the sixth values.
func bomb() string {
	tens := func(s string) string { return "[" + strings.Repeat(s+",", 10) + "]" }
	return "x_extensions:\n  a: &a " + tens("1") + "\n  b: &b " + tens("*a") + "\n  c: &c " + tens("*b") +
		"\n  d: &d " + tens("*c") + "\n  e: " + tens(tens("*d")) + "\n"
}

// problems lists what err complains of, a line each, without the file's name.
func problems(err error, file string) string {
	text := err.Error()
	if i := strings.Index(text, "\n"); i >= 0 {
		text = text[i:]
	}
	_, text, _ = strings.Cut(text, file)
	text = strings.ReplaceAll(text, "\n  "+file, "\n")
	text = strings.ReplaceAll(text, "\n:", "\n")
	return strings.TrimPrefix(strings.TrimPrefix(text, ":"), " ")
}

func TestContractProblemsAreNamedByLineAndColumn(t *testing.T) {
	tool := func(more string) string {
		return "node_name: a\ntools:\n  t:\n    input: {}\n    output: {}\n" + more
	}
	for _, tt := range []struct{ file, want string }{
		{"node_name: a", `1:1: missing key "tools"`},
		{"node_name: a\ntools: [t]", `2:8: must be an object of tools by name, is list`},
		{"node_name: a\ntools: {T-1: {input: {}, output: {}}}", `2:9: tool name "T-1" must be lower-case letters, digits and underscores, beginning with a letter`},
		{"node_name: a\ntools:\n  t:\n    output: {}", `4:5: missing key "input"`},
		{"contract_version: 2.0.0\n" + tool(""), `1:19: contract_version 2.0.0 is not readable by this program, which reads 1.x.x`},
		{tool("    idempotency: pur"), `6:18: "pur" is not one of none, key, pure`},
		{tool("    effects: [network, network]"), `6:24: "network" is listed twice`},
		{tool("    effects: [disk]"), `6:15: "disk" is not one of reads_files, writes_files, network, processes, events`},
		{tool("    volatile: [at]"), `6:16: "at" is not a JSON Pointer, as /result/time`},
		{tool("    volatile: [/~2]"), `6:16: "/~2" is not a JSON Pointer, as /result/time`},
		{tool("    errors: [{code: A}, {code: A}]"), `6:25: error code "A" is listed twice`},
		{tool("    errors: [{code: A, exit_status: 3}, {code: B, exit_status: 3}]"), `6:41: exit status 3 stands for A already`},
		{tool("    errors: [{code: a, exit_status: 256}]"), "6:21: error code \"a\" must be upper-case letters, digits and underscores, beginning with a letter, at most 128\n" +
			`6:37: must be a whole number from 0 to 255, is number "256"`},
		{tool("    examples: [{input: {}}]"), `6:16: an example expects an output, an error, or a status other than success`},
		{tool("    examples: [{input: {}, error: A, status: success}]"), `6:16: an example that expects an error does not succeed`},
		{tool("    examples: [{input: {}, output: 1, error: A}]"), `6:16: an example expects either an output or an error`},
		{tool("    examples: [{name: x, input: {}, output: 1}, {name: x, input: {}, output: 1}]"), `6:49: example "x" is listed twice`},
		{tool("    examples: [{input: {}, output: 1, status: good}]"), `6:47: "good" is not one of success, fixed, info, skipped, warning, partial, error, unknown`},
		{tool("    examples: [{input: {a: 1e400}, output: 1}]"), `6:28: number "1e400" cannot be held exactly by every JSON program; write it as text`},
		{tool("  t: {}"), `6:3: duplicate key "t", first at 3:3`},
	} {
		_, err := node.ParseContract([]byte(tt.file))
		if !errors.Is(err, node.ErrContract) {
			t.Errorf("%.60q: error %v", tt.file, err)
			continue
		}
		if diff := cmp.Diff(tt.want, problems(err, node.ContractFile)); diff != "" {
			t.Errorf("%.60q (-want +got):\n%s", tt.file, diff)
		}
	}
}

func TestAllProblemsAreInOneError(t *testing.T) {
	_, err := node.ParseManifest([]byte("nam: a\nversion: 1\n"))
	const want = `invalid manifest: 3 problems
  node.onex.yaml:1:1: unknown key "nam"; did you mean "name"?
  node.onex.yaml:2:10: version "1" must be three numbers, as 1.2.0 (semantic versioning)
  node.onex.yaml:1:1: missing key "name"`
	if diff := cmp.Diff(want, err.Error()); diff != "" {
		t.Error(diff)
	}
	report := fault.ReportOf(err)
	if got := report.Details["2:10"]; !strings.HasPrefix(got, `version "1"`) {
		t.Errorf("details %v", report.Details)
	}

	_, err = node.ParseManifest([]byte("name: a\nversion: 1.0.0\n" + manyUnknownKeys(1000)))
	if got := strings.Count(err.Error(), "\n"); got != 21 || !strings.HasSuffix(err.Error(), "and 980 more") {
		t.Errorf("%d lines, ending in %q", got, err.Error()[len(err.Error())-20:])
	}
}

func manyUnknownKeys(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat("z", i+20) + ": 1\n")
	}
	return b.String()
}

func TestAliasesAreReplaced(t *testing.T) {
	c, err := node.ParseContract([]byte("node_name: a\ntools:\n  t: {input: &any {type: object}, output: *any}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if got := string(c.Tools[0].Output); got != `{"type":"object"}` {
		t.Errorf("output %s", got)
	}
}
