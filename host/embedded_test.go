package host_test

import (
	"context"
	"errors"
	"testing"
	"testing/fstest"

	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/node"
)

func TestEmbedded(t *testing.T) {
	const manifest = "name: adder\nversion: 1.0.0\nruntime: go\ndescription: adds\n"
	const contract = "node_name: adder\ntools:\n  add:\n    input: {type: object}\n    output: {type: object}\n    examples:\n      - {name: one, input: {a: 1}, output: {sum: 1}}\n"
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	good := fstest.MapFS{node.ManifestFile: file(manifest), node.ContractFile: file(contract)}
	h, err := host.Embedded(good, nil)
	if err != nil {
		t.Fatal(err)
	}
	type in struct {
		A int `json:"a"`
	}
	type out struct {
		Sum int `json:"sum"`
	}
	add := func(_ context.Context, i in) (out, error) { return out{i.A}, nil }
	host.Handle(h, "add", "adds", add, nil)
	host.Handle(h, "own", "adds", add, &host.ToolOptions{Examples: []node.Scenario{{Name: "two", Input: []byte(`{"a":2}`), Output: []byte(`{"sum":2}`)}}})
	c := h.Contract()
	if c.Node != "adder" || c.Description != "adds" || len(c.Tools) != 2 ||
		c.Tools[0].Examples[0].Name != "one" || c.Tools[1].Examples[0].Name != "two" {
		t.Errorf("contract: %+v", c)
	}
	for name, mutant := range map[string]struct {
		files fstest.MapFS
		want  error
	}{
		"no manifest":        {fstest.MapFS{node.ContractFile: file(contract)}, host.ErrNoFile},
		"no contract":        {fstest.MapFS{node.ManifestFile: file(manifest)}, host.ErrNoFile},
		"broken manifest":    {fstest.MapFS{node.ManifestFile: file("name: [\n"), node.ContractFile: file(contract)}, node.ErrManifest},
		"broken contract":    {fstest.MapFS{node.ManifestFile: file(manifest), node.ContractFile: file("tools: 1\n")}, node.ErrContract},
		"a program":          {fstest.MapFS{node.ManifestFile: file("name: adder\nversion: 1.0.0\nruntime: exec\ncommand: [add]\n"), node.ContractFile: file(contract)}, host.ErrRuntime},
		"of different nodes": {fstest.MapFS{node.ManifestFile: file(manifest), node.ContractFile: file("node_name: other\ntools: {}\n")}, host.ErrContract},
	} {
		if _, err := host.Embedded(mutant.files, nil); !errors.Is(err, mutant.want) {
			t.Errorf("%s: %v, want %v", name, err, mutant.want)
		}
	}
}
