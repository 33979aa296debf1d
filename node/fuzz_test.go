package node_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/node"
)

// Whatever is read is either refused with the one error, or printed and read
// again without a change.
func fuzz[T any](f *testing.F, kind *fault.Kind, parse func([]byte) (T, error), print func(T) ([]byte, error)) {
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := parse(data)
		if err != nil {
			if !errors.Is(err, kind) {
				t.Fatalf("error %v", err)
			}
			return
		}
		file, err := print(v)
		if err != nil {
			t.Fatalf("print: %v", err)
		}
		back, err := parse(file)
		if err != nil {
			t.Fatalf("parse again: %v\n%s", err, file)
		}
		if diff := cmp.Diff(v, back); diff != "" {
			t.Fatalf("%s\n%s", diff, file)
		}
		var received T
		if err := json.Unmarshal(must(json.Marshal(v)), &received); err != nil || !cmp.Equal(v, received) {
			t.Fatalf("wire: %v", err)
		}
	})
}

func FuzzParseManifest(f *testing.F) {
	f.Add(testdata(f, "manifest/full.yaml"))
	f.Add([]byte("name: a\nversion: 1.0.0\nx_extensions: &a {b: [~, yes, 0o7, +.5, 'x'], c: |\n    d\n}"))
	fuzz(f, node.ErrManifest, node.ParseManifest, node.PrintManifest)
}

func FuzzParseContract(f *testing.F) {
	f.Add(testdata(f, "contract/greeter.yaml"))
	f.Add([]byte(`{"node_name":"a","tools":{"t":{"input":{"x":[1,{"y":null}]},"output":true}}}`))
	fuzz(f, node.ErrContract, node.ParseContract, node.PrintContract)
}

func FuzzUnmarshalTool(f *testing.F) {
	f.Add([]byte(`{"name":"t","input":{},"output":{},"examples":[{"input":null,"output":null}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var tool, back node.Tool
		if err := json.Unmarshal(data, &tool); err != nil {
			return
		}
		if err := json.Unmarshal(must(json.Marshal(tool)), &back); err != nil || !cmp.Equal(tool, back) {
			t.Fatalf("%v\n%s", err, cmp.Diff(tool, back))
		}
	})
}
