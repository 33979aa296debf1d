package node_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/omninode-ai/onex/node"
)

const smallest = `name: greeter
version: 1.0.0
runtime: exec
command: [python3, greeter.py]
`

func TestSmallestManifest(t *testing.T) {
	got, err := node.ParseManifest([]byte(smallest))
	if err != nil {
		t.Fatal(err)
	}
	want := node.Manifest{Name: "greeter", Version: "1.0.0", Runtime: node.Exec,
		Program: node.Program{Command: []string{"python3", "greeter.py"}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	wire, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	var back node.Manifest
	if err := json.Unmarshal(wire, &back); err != nil || cmp.Diff(got, back) != "" {
		t.Errorf("%s came back as %+v, %v", wire, back, err)
	}
	_ = time.Second
	_ = errors.Is
}
