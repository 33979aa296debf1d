// Package parityvalidator is the node parity_validator: package parity as a tool. Its
// answer is the report of "onex parity", which is its command.
//
// Its tool is parity_validate.
package parityvalidator

import (
	"context"
	"embed"
	"slices"
	"time"

	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/parity"
	"github.com/omninode-ai/onex/tree"
)

//go:embed node.onex.yaml contract.yaml
var files embed.FS

// Longest is how long one run may take: many times what all nodes of a large
// repository need on a slow machine.
const Longest = 30 * time.Minute

// A Run checks nodes of the project at root. The program around the node has it,
// because it knows all nodes and all buses.
type Run func(ctx context.Context, root string, v Validate) (parity.Report, error)

// New returns the node for the project at root. Without run its tool answers
// parity.ErrOptions.
func New(root string, run Run, o *host.Options) (*host.Host, error) {
	h, err := host.Embedded(files, o)
	if err != nil {
		return nil, err
	}
	v := validator{root, run}
	host.Handle(h, "parity_validate", "run the examples of contracts on every path and compare the answers", v.validate, &host.ToolOptions{
		Effects: []node.Effect{node.ReadsFiles, node.Processes, node.Network}, Idempotency: node.Pure,
		Timeout:  Longest,
		Volatile: []string{"/completed_at", "/total_execution_time_ms", "/validation_results/*/execution_time_ms", "/discovered_nodes/*/binary_sha256"},
		Errors: host.Declare(parity.ErrNoMatch, parity.ErrNoNodes, parity.ErrFilter, parity.ErrOptions, parity.ErrDiscovery,
			tree.ErrPath),
	})
	return h, nil
}

// Validate is what parity_validate takes.
type Validate struct {
	Nodes    []string `json:"nodes,omitempty" jsonschema:"directories of the project with nodes, and names of built-in nodes; none means all"`
	Filters  []string `json:"filters,omitempty" jsonschema:"only nodes whose name fits one of these patterns, as in stamp*"`
	Example  string   `json:"example,omitempty" jsonschema:"only this example, written tool/example"`
	Paths    []string `json:"paths,omitempty" jsonschema:"beside direct calls, try only paths that fit one of these patterns, as in nats*"`
	FailFast bool     `json:"fail_fast,omitempty" jsonschema:"stop at the first failure"`
	Brief    bool     `json:"brief,omitempty" jsonschema:"leave out of the results the checks that passed"`
}

// Validated is what parity_validate answers: the report of "onex parity".
type Validated parity.Report

// ResultStatus is that of the report; a failed check is a warning, because the tool did
// what it was asked to.
func (v Validated) ResultStatus() node.Result {
	if parity.Report(v).OK() && v.Status == node.Success {
		return node.Success
	}
	return node.Warning
}

// A validator validates nodes of the project at root.
type validator struct {
	root string
	run  Run
}

func (v validator) validate(ctx context.Context, in Validate) (Validated, error) {
	if v.run == nil {
		return Validated{}, parity.ErrOptions.With("this program has no buses to try nodes on")
	}
	report, err := v.run(ctx, v.root, in)
	if err != nil {
		return Validated{}, err
	}
	if in.Brief {
		report.Results = slices.DeleteFunc(slices.Clone(report.Results), func(r parity.Result) bool { return r.Verdict == parity.Pass })
	}
	if report.Results == nil {
		report.Results = []parity.Result{}
	}
	return Validated(report), nil
}
