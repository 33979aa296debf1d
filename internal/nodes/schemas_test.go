package nodes_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/omninode-ai/onex/internal/golden"
	"github.com/omninode-ai/onex/internal/nodes"
	"github.com/omninode-ai/onex/internal/schema"
)

// TestSchemasOfToolsAreCurrent holds the committed schemas against the contracts, as
// "onex schemas internal/nodes --check" does.
func TestSchemasOfToolsAreCurrent(t *testing.T) {
	for _, b := range nodes.All() {
		c := hosted(t, b).Contract()
		for _, tool := range c.Tools {
			for _, s := range []struct {
				suffix, what string
				raw          []byte
			}{{"input", "arguments", tool.Input}, {"output", "result", tool.Output}} {
				data, err := schema.Annotate(s.raw, "", fmt.Sprintf("%s of tool %s of node %s", s.what, tool.Name, c.Node))
				if err != nil {
					t.Fatal(err)
				}
				golden.Check(t, filepath.Join("../../schemas", string(c.Node), string(tool.Name)+"_"+s.suffix+".schema.json"), data)
			}
		}
	}
}
