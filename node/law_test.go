package node_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/omninode-ai/onex/node"
)

// Generators of what a parser may return: defaults filled in, schemas and
// examples without white space, fields of the block in the order of the format.

func anyText() *rapid.Generator[string] {
	odd := []string{"", " ", "null", "Yes", "1.10", "1e3", "a: b", "a #b", "- a", "a\n b\n", "\tx", "é😀", "\u2028", "\ufeff", "\x7f",
		"\u0085", "'", `"\`, "{", "*a", "&a", "!!str a", "a, b", "a,", "a ", "---", "<<", "=", "0x10", "2001-12-14", "\x00", "\r\n"}
	return rapid.OneOf(rapid.SampledFrom(odd), rapid.String(), rapid.StringMatching(`[a-z ,:#-]{1,20}`))
}

func name() *rapid.Generator[string] { return rapid.StringMatching(`[a-z][a-z0-9_]{0,20}`) }

func version() *rapid.Generator[string] {
	return rapid.StringMatching(`(0|[1-9][0-9]?)\.(0|[1-9])\.(0|[1-9])(-[a-z]{1,5})?(\+[0-9a-z]{1,4})?`)
}

func texts(of *rapid.Generator[string], least int) *rapid.Generator[[]string] {
	return rapid.Custom(func(t *rapid.T) []string {
		if ss := rapid.SliceOfN(of, least, 4).Draw(t, "texts"); len(ss) > 0 {
			return ss
		}
		return nil
	})
}

// anyJSON draws a JSON value as text, its keys in any order.
func anyJSON(depth int) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		most := 5
		if depth == 0 {
			most = 3
		}
		switch rapid.IntRange(0, most).Draw(t, "kind") {
		case 0:
			return quoted(anyText().Draw(t, "text"))
		case 1:
			return rapid.SampledFrom([]string{"0", "-1", "1.50", "1e3", "-2.5E-7", "9007199254740992", "0.1", "123456789"}).Draw(t, "number")
		case 2:
			return rapid.SampledFrom([]string{"true", "false"}).Draw(t, "boolean")
		case 3:
			return "null"
		case 4:
			return "[" + strings.Join(rapid.SliceOfN(anyJSON(depth-1), 0, 3).Draw(t, "items"), ",") + "]"
		}
		return anyObject(depth-1).Draw(t, "object")
	})
}

func anyObject(depth int) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		var members []string
		for _, key := range rapid.SliceOfNDistinct(anyText(), 0, 3, rapid.ID[string]).Draw(t, "keys") {
			members = append(members, quoted(key)+":"+anyJSON(max(depth, 0)).Draw(t, "value"))
		}
		return "{" + strings.Join(members, ",") + "}"
	})
}

// quoted writes s as node does, with nothing escaped that need not be.
func quoted(s string) string {
	b, err := node.Canonical(must(json.Marshal(s)))
	if err != nil {
		panic(err)
	}
	return string(b)
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func manifests() *rapid.Generator[node.Manifest] {
	return rapid.Custom(func(t *rapid.T) node.Manifest {
		m := node.Manifest{
			Name:        node.Name(name().Draw(t, "name")),
			Version:     version().Draw(t, "version"),
			UUID:        rapid.SampledFrom([]string{"", "4f13e6e3-84de-4e5d-8579-f90f3dd41a16", "10000000-0000-0000-0000-000000000000"}).Draw(t, "uuid"),
			Description: anyText().Draw(t, "description"),
			Owner:       anyText().Draw(t, "owner"),
			Author:      anyText().Draw(t, "author"),
			Signer:      anyText().Draw(t, "signer"),
			Tags:        texts(anyText(), 0).Draw(t, "tags"),
			TTL:         milliseconds(t),
			Runtime:     rapid.SampledFrom(node.Runtimes()).Draw(t, "runtime"),
		}
		if m.Runtime != node.Go {
			noNUL := anyText().Filter(func(s string) bool { return !strings.Contains(s, "\x00") })
			m.Program = node.Program{
				Command: append([]string{"./run"}, texts(noNUL, 0).Draw(t, "arguments")...),
				Dir:     noNUL.Draw(t, "dir"),
				Env:     texts(rapid.StringMatching(`[A-Z_][A-Z0-9_]{0,8}`), 0).Draw(t, "env"),
				Timeout: milliseconds(t),
				Output:  rapid.Int64Range(0, 1<<30).Draw(t, "output"),
				Memory:  rapid.Int64Range(0, 1<<20).Draw(t, "memory"),
			}
		}
		if rapid.Bool().Draw(t, "meta") {
			m.Meta = []node.Field{
				{Key: "copyright", Value: raw(quoted(anyText().Draw(t, "copyright")))},
				{Key: "x_extensions", Value: raw(anyObject(3).Draw(t, "extensions"))},
				{Key: "architectures", Value: raw(`["amd64"]`)},
			}
		}
		return m
	})
}

func milliseconds(t *rapid.T) time.Duration {
	return time.Duration(rapid.Int64Range(0, 86_400_000).Draw(t, "ms")) * time.Millisecond
}

func contracts() *rapid.Generator[node.Contract] {
	return rapid.Custom(func(t *rapid.T) node.Contract {
		c := node.Contract{
			ContractVersion: rapid.SampledFrom([]string{"1.0.0", "1.7.2"}).Draw(t, "contract version"),
			Node:            node.Name(name().Draw(t, "node")),
			Description:     anyText().Draw(t, "description"),
		}
		if rapid.Bool().Draw(t, "versioned") {
			c.Version = version().Draw(t, "version")
		}
		for i := range rapid.IntRange(0, 2).Draw(t, "tools") {
			tool := tools().Draw(t, "tool")
			tool.Name = node.ToolName(fmt.Sprintf("t%d", i))
			c.Tools = append(c.Tools, tool)
		}
		return c
	})
}

func tools() *rapid.Generator[node.Tool] {
	return rapid.Custom(func(t *rapid.T) node.Tool {
		tool := node.Tool{
			Name:          node.ToolName(name().Draw(t, "tool name")),
			Description:   anyText().Draw(t, "description"),
			Input:         raw(anyObject(3).Draw(t, "input")),
			Output:        raw(anyObject(3).Draw(t, "output")),
			Idempotency:   rapid.SampledFrom(node.Idempotencies()).Draw(t, "idempotency"),
			VolatileFiles: texts(rapid.SampledFrom([]string{"*", "*.log", "a/[b]?"}), 1).Draw(t, "volatile_files"),
			Volatile:      texts(rapid.SampledFrom([]string{"", "/a", "/a~1b/0", "/é"}), 0).Draw(t, "volatile"),
			TimeoutMS:     rapid.Int64Range(0, 86_400_000).Draw(t, "timeout"),
		}
		for i := range rapid.IntRange(0, 2).Draw(t, "errors") {
			tool.Errors = append(tool.Errors, node.ToolError{Code: fmt.Sprintf("E%d", i), Description: anyText().Draw(t, "text"), ExitStatus: i})
		}
		for i := range rapid.IntRange(0, 2).Draw(t, "examples") {
			s := node.Scenario{Name: fmt.Sprintf("no. %d", i), Description: anyText().Draw(t, "about"), Input: raw(anyJSON(2).Draw(t, "input"))}
			switch rapid.SampledFrom([]string{"fails", "skips", "succeeds"}).Draw(t, "it") {
			case "fails":
				s.Error, s.Status = "E0", node.Failed
			case "skips":
				s.Status = node.Skipped
			default:
				s.Output, s.Status = raw(anyJSON(2).Draw(t, "output")), rapid.SampledFrom(node.Results()).Draw(t, "status")
			}
			tool.Examples = append(tool.Examples, s)
		}
		if rapid.Bool().Draw(t, "effects") {
			tool.Effects = node.Effects()[:2]
		}
		return tool
	})
}

// roundTrip checks that what is printed parses to what it was, in both forms,
// and prints alike again.
func roundTrip[T any](t *rapid.T, v T, print func(T) ([]byte, error), parse func([]byte) (T, error)) {
	file, err := print(v)
	if err != nil {
		t.Fatalf("print: %v", err)
	}
	back, err := parse(file)
	if err != nil {
		t.Fatalf("parse: %v\n%s", err, file)
	}
	if diff := cmp.Diff(v, back); diff != "" {
		t.Fatalf("the file changed it:\n%s\n%s", diff, file)
	}
	if again, err := print(back); err != nil || string(again) != string(file) {
		t.Fatalf("printed again, %v:\n%s\nand before\n%s", err, again, file)
	}
	wire, err := json.Marshal(v)
	if err != nil {
		t.Fatalf("marshal: %v", err)
	}
	var received T
	if err := json.Unmarshal(wire, &received); err != nil {
		t.Fatalf("unmarshal: %v\n%s", err, wire)
	}
	if diff := cmp.Diff(v, received); diff != "" {
		t.Fatalf("the wire changed it:\n%s\n%s", diff, wire)
	}
}

func TestManifestsSurviveFileAndWire(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		roundTrip(t, manifests().Draw(t, "manifest"), node.PrintManifest, node.ParseManifest)
	})
}

func TestContractsSurviveFileAndWire(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		roundTrip(t, contracts().Draw(t, "contract"), node.PrintContract, node.ParseContract)
	})
}

func TestToolsSurviveTheWire(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tool := tools().Draw(t, "tool")
		wire, err := json.Marshal(tool)
		if err != nil {
			t.Fatal(err)
		}
		var back node.Tool
		if err := json.Unmarshal(wire, &back); err != nil {
			t.Fatalf("%v\n%s", err, wire)
		}
		if diff := cmp.Diff(tool, back); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestHashIsOfTheMeaningNotOfTheText(t *testing.T) {
	const one = "node_name: a\ntools:\n  t: {input: {type: object, maxProperties: 2}, output: {}}\n  s: {input: {}, output: {}}\n"
	const same = "contract_version: 1.0.0\ntools:\n  s: {output: {}, input: {}, idempotency: none}\n" +
		"  t:\n    output: {}\n    input: {\"maxProperties\": 2.0, type: object}\nnode_name: a\n"
	a, b := must(node.ParseContract([]byte(one))), must(node.ParseContract([]byte(same)))
	const want = "64f458fe4ca287aff27cbb8ff843c8f47b7ff55b61e88dd63f021850a94d244f"
	if a.Hash() != b.Hash() {
		t.Errorf("%s and %s", a.Hash(), b.Hash())
	}
	if a.Hash() != want {
		t.Errorf("the hash of a published contract changed: %s, was %s", a.Hash(), want)
	}
	b.Tools[0].Description = "other"
	if a.Hash() == b.Hash() {
		t.Error("contracts that differ hash alike")
	}
	b.Node = ""
	if b.Hash() != "" {
		t.Error("an invalid contract has a hash")
	}
}

// The vectors are those of RFC 8785 (3.2.2 and 3.2.3, and its appendix B) that
// survive strict reading, and what it leaves open.
func TestCanonical(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{`{"numbers":[1E30,4.50,2e-3,0.000000000000000000000000001],"string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}`,
			`{"literals":[null,true,false],"numbers":[1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`},
		{`{"\u20ac":1,"\r":2,"\ufb33":3,"1":4,"\ud83d\ude00":5,"\u0080":6,"\u00f6":7}`,
			"{\"\\r\":2,\"1\":4,\"\u0080\":6,\"ö\":7,\"€\":1,\"😀\":5,\"\ufb33\":3}"},
		{`-0`, `0`}, {`-0.0e5`, `0`}, {`1e21`, `1e+21`}, {`1e20`, `100000000000000000000`}, {`1e-7`, `1e-7`}, {`0.000001`, `0.000001`},
		{`9007199254740992`, `9007199254740992`}, {`5e-324`, `5e-324`}, {`1.7976931348623157e308`, `1.7976931348623157e+308`},
		{` [ ] `, `[]`},
	} {
		got, err := node.Canonical(raw(tt.in))
		if err != nil || string(got) != tt.want {
			t.Errorf("Canonical(%s) = %s, %v, want %s", tt.in, got, err, tt.want)
		}
	}
	for _, in := range []string{``, `{`, `[1`, `{"a":1,"a":2}`, `1 2`, `9007199254740993`, `1e400`, `1e-400`, `1e999999999999`,
		`0.1000000000000000055511151231257827`, "\"\xff\"", strings.Repeat("[", 66) + strings.Repeat("]", 66), strings.Repeat(" ", 1<<20) + "1", `{"a":[1,{"b":1e400}]}`} {
		if got, err := node.Canonical(raw(in)); !errors.Is(err, node.ErrJSON) {
			t.Errorf("Canonical(%.40s) = %.40s, %v", in, got, err)
		}
	}
}
