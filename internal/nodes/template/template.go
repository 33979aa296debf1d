// Package template is the node template: the smallest node there is, for people to
// read and to begin with. Its tool, template, takes a required and an optional text,
// gives a text, and refuses a blank one.
//
// "onex new node" makes the same node in other languages, and a test holds that they
// promise the same. A new built-in node begins as a copy of this directory and a line
// in nodes.All; docs/nodes/README.md says what else belongs to it.
package template

import (
	"cmp"
	"context"
	"embed"
	"fmt"
	"strings"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/node"
)

// ErrBlank is returned by the tool of the node template for a name of which nothing is
// to be seen. Say who is to be greeted.
var ErrBlank = fault.New("ONEX_TEMPLATE_001_INVALID_REQUIRED_FIELD", fault.Invalid, "the name is blank").
	Hinted("say who is to be greeted")

// The manifest, and the contract with its examples: the rest of it is written by
// "go test ./internal/nodes -update".
//
//go:embed node.onex.yaml contract.yaml
var files embed.FS

// New returns the node.
func New(o *host.Options) (*host.Host, error) {
	h, err := host.Embedded(files, o)
	if err != nil {
		return nil, err
	}
	host.Handle(h, "template", "greets somebody", Greet, &host.ToolOptions{
		Idempotency: node.Pure,
		Errors:      []node.ToolError{{Code: string(ErrBlank.Code), Description: ErrBlank.Text}},
	})
	return h, nil
}

// Arguments are what the tool takes. What omitempty may leave out is optional.
type Arguments struct {
	Name     string `json:"name" jsonschema:"whom to greet"`
	Greeting string `json:"greeting,omitempty" jsonschema:"what to say; Hello unless it is given"`
}

// A Result is what the tool gives.
type Result struct {
	Message string `json:"message" jsonschema:"the greeting"`
}

// Greet is what the tool does. It returns [ErrBlank] for a blank name.
func Greet(_ context.Context, in Arguments) (Result, error) {
	if strings.TrimSpace(in.Name) == "" {
		return Result{}, ErrBlank
	}
	return Result{Message: fmt.Sprintf("%s, %s!", cmp.Or(in.Greeting, "Hello"), in.Name)}, nil
}
