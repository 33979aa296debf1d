package parity_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/parity"
)

func Example() {
	type In struct {
		Text string `json:"text"`
	}
	type Out struct {
		Text string `json:"text"`
	}
	shout := func(_ context.Context, in In) (Out, error) { return Out{strings.ToUpper(in.Text)}, nil }
	build := func(_ context.Context, _ string, _ bus.Bus, o *host.Options) (*host.Host, error) {
		h := host.New(node.Manifest{Name: "shout", Version: "1.0.0"}, o)
		host.Handle(h, "shout", "says it louder", shout, &host.ToolOptions{
			Idempotency: node.Pure,
			Examples: []node.Scenario{{
				Name: "hello", Input: json.RawMessage(`{"text":"hello"}`), Output: json.RawMessage(`{"text":"Hello"}`),
			}},
		})
		return h, nil
	}
	report, err := parity.Run(context.Background(), []parity.Node{{Name: "shout", Host: build}}, nil)
	fmt.Println(report.OK(), err)
	if err := report.Write(os.Stdout, parity.Text); err != nil {
		fmt.Println(err)
	}
	// Output:
	// false <nil>
	// FAIL shout expectation shout/hello [direct]
	//      the answer differs: direct differs from expected in result
	//      --- expected
	//      +++ direct
	//      @@ -1,7 +1,7 @@
	//       {
	//         "status": "success",
	//         "result": {
	//      -    "text": "Hello"
	//      +    "text": "HELLO"
	//         },
	//         "error": null,
	//         "exit_status": 0,
	//      again: onex parity shout --example shout/hello
	//
	// Parity Validation: error
	// 1 of 11 checks failed
	// Results: 10 passed, 1 failed, 0 warnings, 1 skipped; 1 nodes, 7 calls
}
