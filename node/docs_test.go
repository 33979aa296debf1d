package node_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/omninode-ai/onex/node"
)

const page = "../docs/manifest-and-contract.md"

func TestThePagesExamplesAreRead(t *testing.T) {
	text := string(must(os.ReadFile(page)))
	blocks := regexp.MustCompile("(?s)```yaml\n(# [a-z.]+\n.*?)```").FindAllStringSubmatch(text, -1)
	if len(blocks) != strings.Count(text, "```yaml") || len(blocks) == 0 {
		t.Fatalf("%d examples begin with the name of their file", len(blocks))
	}
	for _, b := range blocks {
		var err error
		if strings.HasPrefix(b[1], "# "+node.ManifestFile) {
			_, err = node.ParseManifest([]byte(b[1]))
		} else {
			_, err = node.ParseContract([]byte(b[1]))
		}
		if err != nil {
			t.Errorf("%v\n%s", err, b[1])
		}
	}
	vector := regexp.MustCompile("\\| `(\\{.*\\})` \\| `([0-9a-f]{64})` \\|").FindStringSubmatch(text)
	if vector == nil {
		t.Fatal("the page has no vector of the hash")
	}
	if got := must(node.ParseContract([]byte(vector[1]))).Hash(); got != vector[2] {
		t.Errorf("hash %s, the page says %s", got, vector[2])
	}
}

func TestThePageListsEveryKey(t *testing.T) {
	text := string(must(os.ReadFile(page)))
	_, text, _ = strings.Cut(text, "\n## node.onex.yaml")
	manifest, contract, _ := strings.Cut(text, "\n## contract.yaml")
	rows := regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\|")

	var listed []string
	for _, row := range rows.FindAllStringSubmatch(manifest, -1) {
		listed = append(listed, row[1])
		if _, err := node.ParseManifest([]byte("name: a\nversion: 1.0.0\n" + row[1] + "x: 1\n")); err == nil {
			t.Fatal("unknown keys are accepted")
		}
		if row[1] == "name" || row[1] == "version" {
			continue
		}
		if _, err := node.ParseManifest([]byte("name: a\nversion: 1.0.0\n" + row[1] + ":\n")); err != nil {
			t.Errorf("%s is listed: %v", row[1], err)
		}
	}
	written := string(must(node.PrintManifest(node.Manifest{
		Name: "a", Version: "1.0.0", UUID: "4f13e6e3-84de-4e5d-8579-f90f3dd41a16", Description: "x", Owner: "x", Author: "x",
		Runtime: node.Exec, TTL: 1e6, Tags: []string{"x"}, Signer: "x",
		Program: node.Program{Command: []string{"x"}, Dir: "x", Env: []string{"X"}, Timeout: 1e6, Output: 1, Memory: 1},
	})))
	keys := node.MetaKeys()
	for _, m := range regexp.MustCompile(`(?m)^([a-z_]+):`).FindAllStringSubmatch(written, -1) {
		keys = append(keys, m[1])
	}
	for _, key := range keys {
		if !slices.Contains(listed, key) {
			t.Errorf("%s is not on the page", key)
		}
	}

	full := string(must(node.PrintContract(node.Contract{Node: "a", Version: "1.0.0", Description: "x", Tools: []node.Tool{{
		Name: "t", Description: "x", Input: raw(`{}`), Output: raw(`{}`), Errors: []node.ToolError{{Code: "E"}}, Effects: node.Effects(),
		Idempotency: node.Pure, Volatile: []string{"/x"}, TimeoutMS: 1, Examples: []node.Scenario{{Input: raw(`1`), Error: "E", Status: node.Failed}},
	}}})))
	for _, m := range regexp.MustCompile(`(?m)^(?: {4})?([a-z_]+):`).FindAllStringSubmatch(full, -1) {
		if !strings.Contains(contract, "\n| `"+m[1]+"` |") {
			t.Errorf("%s is not on the page", m[1])
		}
	}
}
