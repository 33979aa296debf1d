package node_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/omninode-ai/onex/node"
)

func TestWordsParseToThemselves(t *testing.T) {
	checkWords(t, node.Statuses(), node.ParseStatus)
	checkWords(t, node.Trusts(), node.ParseTrust)
	checkWords(t, node.Runtimes(), node.ParseRuntime)
	checkWords(t, node.Results(), node.ParseResult)
	if r, err := node.ParseResult("failure"); err != nil || r != node.Failed {
		t.Errorf(`ParseResult("failure") = %q, %v`, r, err)
	}
	_, err := node.ParseStatus("gone")
	const want = `unknown word: status "gone" is not one of unverified, online, suspect, dead, stopped`
	if err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

func checkWords[W interface {
	~string
	Values() []string
}](t *testing.T, all []W, parse func(string) (W, error)) {
	t.Helper()
	for i, w := range all {
		if got, err := parse(string(w)); err != nil || got != w {
			t.Errorf("parse(%q) = %q, %v", w, got, err)
		}
		if got := w.Values()[i]; got != string(w) {
			t.Errorf("Values()[%d] = %q, want %q", i, got, w)
		}
	}
	for _, bad := range []string{"", strings.ToUpper(string(all[0])), string(all[0]) + " "} {
		if got, err := parse(bad); !errors.Is(err, node.ErrWord) {
			t.Errorf("parse(%q) = %q, %v", bad, got, err)
		}
	}
}

func TestEffectsAndIdempotencySpellThemselves(t *testing.T) {
	if got, want := node.Network.Values(), []string{"reads_files", "writes_files", "network", "processes", "events"}; !slices.Equal(got, want) {
		t.Errorf("effects %q, want %q", got, want)
	}
	if got, want := node.None.Values(), []string{"none", "key", "pure"}; !slices.Equal(got, want) {
		t.Errorf("idempotency %q, want %q", got, want)
	}
}

func TestExitStatusAndRouting(t *testing.T) {
	want := map[node.Result]int{node.Success: 0, node.Failed: 1, node.Warning: 2, node.Partial: 3, node.Skipped: 4,
		node.Fixed: 5, node.Info: 6, node.Unknown: 1}
	for _, r := range node.Results() {
		if got := r.ExitStatus(); got != want[r] {
			t.Errorf("%s: exit status %d, want %d", r, got, want[r])
		}
	}
	for _, s := range node.Statuses() {
		if got, want := s.Routable(), s == node.Online || s == node.Unverified; got != want {
			t.Errorf("%s: routable %t, want %t", s, got, want)
		}
	}
}

func TestParseRef(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want node.Ref
	}{
		{"greeter", node.Ref{Name: "greeter"}},
		{"greeter@1.2.0", node.Ref{Name: "greeter", Version: "1.2.0"}},
		{"g_2@0.1.0-rc.1+b", node.Ref{Name: "g_2", Version: "0.1.0-rc.1+b"}},
	} {
		got, err := node.ParseRef(tt.in)
		if err != nil || got != tt.want || got.String() != tt.in {
			t.Errorf("ParseRef(%q) = %+v, %v", tt.in, got, err)
		}
	}
	for _, in := range []string{"", "Greeter", "a.b", "a@", "a@1", "a@v1.0.0", "@1.0.0", "a@1.0.0@2", "a b", "1a", "a\n"} {
		if got, err := node.ParseRef(in); !errors.Is(err, node.ErrRef) {
			t.Errorf("ParseRef(%q) = %+v, %v", in, got, err)
		}
	}
	r := node.Ref{Name: "a", Version: "1.0.0"}
	if !r.Matches("a", "1.0.0") || r.Matches("a", "1.0.1") || r.Matches("b", "1.0.0") || !(node.Ref{Name: "a"}).Matches("a", "2.0.0") {
		t.Error("Matches is wrong")
	}
}

func TestParseName(t *testing.T) {
	if n, err := node.ParseName("a_1"); err != nil || n != "a_1" {
		t.Errorf("%q, %v", n, err)
	}
	if n, err := node.ParseToolName("Greet"); !errors.Is(err, node.ErrName) {
		t.Errorf("%q, %v", n, err)
	}
}

// What is built in Go is held to what may be read, and what is read from the
// wire to what may stand in a file.
func TestManifestsFromElsewhereAreCheckedToo(t *testing.T) {
	good := node.Manifest{Name: "a", Version: "1.0.0"}
	if err := good.Validate(); err != nil {
		t.Error(err)
	}
	for _, tt := range []struct {
		change func(*node.Manifest)
		want   string
	}{
		{func(m *node.Manifest) { m.Name = "" }, `invalid manifest: /name: name "" must be lower-case letters, digits and underscores, beginning with a letter`},
		{func(m *node.Manifest) { m.Owner = "\xff" }, `invalid manifest: /owner: not UTF-8`},
		{func(m *node.Manifest) { m.TTL = 1500 * time.Microsecond }, `invalid manifest: 1.5ms is not a whole number of milliseconds`},
		{func(m *node.Manifest) { m.TTL = -time.Second }, `invalid manifest: /ttl_ms: must be a whole number from 0 to 86400000, is number "-1000"`},
		{func(m *node.Manifest) { m.Runtime = node.Exec }, `invalid manifest: missing key "command": runtime exec starts a program`},
		{func(m *node.Manifest) { m.Meta = []node.Field{{Key: "name", Value: raw(`"b"`)}} }, `invalid manifest: /name: duplicate key "name"`},
		{func(m *node.Manifest) { m.Meta = []node.Field{{Key: "hash", Value: raw(`1`)}} }, `invalid manifest: /hash: must be text, is number "1"`},
		{func(m *node.Manifest) { m.Meta = []node.Field{{Key: "hash", Value: raw(`{`)}} }, `invalid manifest: field "hash": unexpected EOF`},
	} {
		m := good
		tt.change(&m)
		for what, err := range map[string]error{
			"Validate":      m.Validate(),
			"MarshalJSON":   errors.Unwrap(second(json.Marshal(m))),
			"PrintManifest": second(node.PrintManifest(m)),
		} {
			if !errors.Is(err, node.ErrManifest) || err.Error() != tt.want {
				t.Errorf("%s: %v, want %s", what, err, tt.want)
			}
		}
	}
	for in, want := range map[string]string{
		`{"name":"a","version":"1.0.0","Runtime":"go"}`:   `invalid manifest: /Runtime: unknown key "Runtime"; did you mean "runtime"?`,
		`{"name":"a","name":"b","version":"1.0.0"}`:       `invalid manifest: json: duplicate key "name"`,
		`{"name":"a","version":1.0}`:                      `invalid manifest: /version: must be text, is number "1.0"`,
		`[]`:                                              `invalid manifest: must be an object, is list`,
		`{"name":"a","version":"1.0.0","tools":{"~/":3}}`: `invalid manifest: /tools/~0~1: must be an object, is number "3"`,
	} {
		m := good
		err := json.Unmarshal([]byte(in), &m)
		if !errors.Is(err, node.ErrManifest) || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v, want %s", in, err, want)
		}
		if m.Version != "1.0.0" {
			t.Errorf("%s: half written: %+v", in, m)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestContractsFromElsewhereAreCheckedToo(t *testing.T) {
	good := node.Contract{Node: "a", Tools: []node.Tool{{Name: "t", Input: raw(`{}`), Output: raw(`{}`)}}}
	if err := good.Validate(); err != nil {
		t.Error(err)
	}
	for _, tt := range []struct {
		change func(*node.Contract, *node.Tool)
		want   string
	}{
		{func(c *node.Contract, _ *node.Tool) { c.ContractVersion = "3.0.0" }, `/contract_version: contract_version 3.0.0 is not readable by this program, which reads 1.x.x`},
		{func(c *node.Contract, t *node.Tool) { c.Tools = append(c.Tools, *t) }, `/tools/t: duplicate key "t"`},
		{func(_ *node.Contract, t *node.Tool) { t.Input = nil }, `/tools/t: missing key "input"`},
		{func(_ *node.Contract, t *node.Tool) { t.Input = raw(`{"a":1,"a":2}`) }, `input: duplicate key "a"`},
		{func(_ *node.Contract, t *node.Tool) { t.Output = raw(`{"a":1e999}`) }, `/tools/t/output/a: number "1e999" cannot be held exactly by every JSON program; write it as text`},
		{func(_ *node.Contract, t *node.Tool) { t.Errors = []node.ToolError{{}} }, `/tools/t/errors/0: missing key "code"`},
		{func(_ *node.Contract, t *node.Tool) { t.Examples = []node.Scenario{{Input: raw(`x`)}} }, `input: invalid character`},
	} {
		c := good
		c.Tools = slices.Clone(good.Tools)
		tt.change(&c, &c.Tools[0])
		err := c.Validate()
		if !errors.Is(err, node.ErrContract) || !strings.HasPrefix(err.Error(), "invalid contract: "+tt.want) {
			t.Errorf("%v, want %s", err, tt.want)
		}
		if _, err := node.PrintContract(c); !errors.Is(err, node.ErrContract) {
			t.Errorf("printed: %v", err)
		}
	}
	var tool node.Tool
	if err := json.Unmarshal([]byte(`{"input":{},"output":{}}`), &tool); !errors.Is(err, node.ErrContract) {
		t.Errorf("a tool without a name: %v", err)
	}
	if _, err := json.Marshal(node.Tool{}); !errors.Is(err, node.ErrContract) {
		t.Errorf("the zero tool: %v", err)
	}
}

func ExampleParseManifest() {
	m, err := node.ParseManifest([]byte(`
name: greeter
version: 1.0.0
runtime: exec
command: [python3, greeter.py]
`))
	fmt.Println(m.Name, m.Runtime, m.Program.Command, err)

	_, err = node.ParseManifest([]byte("name: greeter\nversion: 1.0\n"))
	fmt.Println(err)
	// Output:
	// greeter exec [python3 greeter.py] <nil>
	// invalid manifest: node.onex.yaml:2:10: version "1.0" must be three numbers, as 1.2.0 (semantic versioning)
}

func ExamplePrintContract() {
	file, err := node.PrintContract(node.Contract{Node: "greeter", Tools: []node.Tool{{
		Name:   "greet",
		Input:  json.RawMessage(`{"type":"object","properties":{"name":{"type":"string"}},"required":["name"]}`),
		Output: json.RawMessage(`{"type":"string"}`),
		Examples: []node.Scenario{
			{Input: json.RawMessage(`{"name":"Ann"}`), Output: json.RawMessage(`"Hello, Ann!"`), Status: node.Success},
		},
	}}})
	fmt.Print(string(file), err)
	// Output:
	// contract_version: 1.0.0
	// node_name: greeter
	// tools:
	//   greet:
	//     input:
	//       type: object
	//       properties:
	//         name:
	//           type: string
	//       required:
	//         - name
	//     output:
	//       type: string
	//     examples:
	//       - input:
	//           name: Ann
	//         output: "Hello, Ann!"
	// <nil>
}
