package parity

import (
	"encoding/json"
	"io"
	"path"
	"slices"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/node"
)

// The parts of SARIF 2.1.0 that code scanners read
// (docs.oasis-open.org/sarif/sarif/v2.1.0).
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool    sarifTool     `json:"tool"`
		Results []sarifResult `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name  string      `json:"name"`
		URI   string      `json:"informationUri"`
		Rules []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID   string    `json:"id"`
		Help sarifText `json:"help"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		Rule      string            `json:"ruleId"`
		Level     string            `json:"level"`
		Message   sarifText         `json:"message"`
		Locations []sarifLocation   `json:"locations"`
		Prints    map[string]string `json:"partialFingerprints"`
	}
	sarifLocation struct {
		Physical struct {
			Artifact struct {
				URI string `json:"uri"`
			} `json:"artifactLocation"`
			Region struct {
				Line int `json:"startLine"`
			} `json:"region"`
		} `json:"physicalLocation"`
	}
)

// sarif writes what failed and what is a warning. Each stands at the contract of
// its node, because that is the promise which is not kept.
func (r Report) sarif(w io.Writer) error {
	run := sarifRun{Tool: sarifTool{sarifDriver{Name: "onex parity", URI: "https://github.com/omninode-ai/onex", Rules: []sarifRule{}}}, Results: []sarifResult{}}
	for _, c := range r.Results {
		if c.Verdict != Fail && c.Verdict != Warn || c.Error == nil {
			continue
		}
		run.rule(*c.Error)
		s := sarifResult{
			Rule: string(c.Error.Code), Level: map[Verdict]string{Fail: "error", Warn: "warning"}[c.Verdict],
			Message: sarifText{c.Node + " " + c.title() + ": " + c.Message + "\n" + c.Diff},
			Prints:  map[string]string{"onexCheck/v1": c.Node + " " + c.title()},
		}
		var at sarifLocation
		at.Physical.Artifact.URI, at.Physical.Region.Line = path.Join(c.Node, node.ContractFile), 1
		s.Locations = []sarifLocation{at}
		run.Results = append(run.Results, s)
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(sarifLog{Schema: "https://json.schemastore.org/sarif-2.1.0.json", Version: "2.1.0", Runs: []sarifRun{run}})
}

func (run *sarifRun) rule(e fault.Report) {
	if !slices.ContainsFunc(run.Tool.Driver.Rules, func(r sarifRule) bool { return r.ID == string(e.Code) }) {
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{string(e.Code), sarifText{e.Hint}})
	}
}
