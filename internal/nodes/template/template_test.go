package template_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/internal/nodes/template"
	"github.com/omninode-ai/onex/internal/scaffold"
	"github.com/omninode-ai/onex/node"
)

func TestABlankNameIsRefused(t *testing.T) {
	for _, name := range []string{"", " ", "\t\n", "\u00a0"} {
		if _, err := template.Greet(t.Context(), template.Arguments{Name: name}); !errors.Is(err, template.ErrBlank) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// TestGreetings calls the tool as others do, with the texts that it takes and those
// that it refuses.
func TestGreetings(t *testing.T) {
	h, err := template.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	for _, c := range []struct{ args, result, code string }{
		{`{"name": "Ada"}`, `{"message":"Hello, Ada!"}`, ""},
		{`{"name": "Ada", "greeting": "Moin"}`, `{"message":"Moin, Ada!"}`, ""},
		{`{"name": " Ada "}`, `{"message":"Hello,  Ada !"}`, ""},
		{`{"name": "\u00a0"}`, "", "ONEX_TEMPLATE_001_INVALID_REQUIRED_FIELD"},
		{`{}`, "", "ONEX_CONTRACT_041_VIOLATED"},
		{`{"name": "Ada", "title": "Dr"}`, "", "ONEX_CONTRACT_041_VIOLATED"},
	} {
		out := h.Call(t.Context(), "template", json.RawMessage(c.args))
		code := ""
		if out.Error != nil {
			code = string(out.Error.Code)
		}
		if string(out.Result) != c.result || code != c.code {
			t.Errorf("%s: %s %q, want %s %q", c.args, out.Result, code, c.result, c.code)
		}
	}
}

// lengths are bounds that Go types do not tell.
var lengths = regexp.MustCompile(`,?"(min|max)Length":[0-9]+`)

// TestNewNodesPromiseTheSame compares the contract of this node with the one that "onex
// new node" writes, in every language, but for the bounds of texts.
func TestNewNodesPromiseTheSame(t *testing.T) {
	h, err := template.New(&host.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	want := promises(t, h.Contract())
	for _, l := range scaffold.Languages() {
		n := scaffold.Node{Name: "template", Language: l, Description: h.Manifest().Description, Owner: "x", UUID: h.Manifest().UUID, Dir: "."}
		all, err := n.Files()
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(all, func(f scaffold.File) bool { return f.Path == node.ContractFile && fs.ValidPath(f.Path) })
		c, err := node.ParseContract(all[i].Data)
		if err != nil {
			t.Fatal(err)
		}
		c.Version = h.Contract().Version
		if diff := cmp.Diff(want, promises(t, c)); diff != "" {
			t.Errorf("%s (-template +new node):\n%s", l, diff)
		}
	}
}

func promises(t *testing.T, c node.Contract) string {
	t.Helper()
	for i, tool := range c.Tools {
		c.Tools[i].Input = lengths.ReplaceAll(compact(t, tool.Input), nil)
		c.Tools[i].Output = lengths.ReplaceAll(compact(t, tool.Output), nil)
	}
	text, err := node.PrintContract(c)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func compact(t *testing.T, raw json.RawMessage) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := json.Compact(&b, raw); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
