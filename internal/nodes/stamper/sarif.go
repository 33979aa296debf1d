package stamper

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/url"
	"slices"
	"strings"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/filetype"
	"github.com/omninode-ai/onex/meta"
	"github.com/omninode-ai/onex/stamp"
)

// The parts of SARIF 2.1.0 that a check needs.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool struct {
			Driver sarifDriver `json:"driver"`
		} `json:"tool"`
		Results []sarifResult `json:"results"`
	}
	sarifDriver struct {
		Name           string      `json:"name"`
		InformationURI string      `json:"informationUri"`
		Rules          []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID               string    `json:"id"`
		Name             string    `json:"name"`
		ShortDescription sarifText `json:"shortDescription"`
		Help             sarifText `json:"help"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		RuleID       string            `json:"ruleId"`
		RuleIndex    int               `json:"ruleIndex"`
		Level        string            `json:"level"`
		Message      sarifText         `json:"message"`
		Locations    []sarifLocation   `json:"locations"`
		Fingerprints map[string]string `json:"partialFingerprints"`
	}
	sarifLocation struct {
		Physical struct {
			Artifact struct {
				URI       string `json:"uri"`
				URIBaseID string `json:"uriBaseId"`
			} `json:"artifactLocation"`
			Region struct {
				StartLine int `json:"startLine"`
			} `json:"region"`
		} `json:"physicalLocation"`
	}
)

const (
	sarifSchema = "https://json.schemastore.org/sarif-2.1.0.json"
	homepage    = "https://github.com/omninode-ai/onex"

	// fingerprint names the recipe of ours. A finding stays the same one while
	// its rule and its path do, whatever the line: a file has one at a time.
	fingerprint = "onexCheck/v1"
)

// writeSARIF writes the findings as SARIF. Paths are relative to the root of the
// project, which GitHub takes for that of the repository.
func writeSARIF(w io.Writer, r stamp.CheckReport) error {
	run := sarifRun{Results: []sarifResult{}}
	run.Tool.Driver = sarifDriver{Name: "onex", InformationURI: homepage, Rules: []sarifRule{}}
	for _, f := range r.Files {
		if isBad(f) {
			run.add(f)
		}
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(sarifLog{sarifSchema, "2.1.0", []sarifRun{run}})
}

func (run *sarifRun) add(f stamp.Finding) {
	sum := sha256.Sum256([]byte(string(f.Code) + "\x00" + f.Path))
	result := sarifResult{
		RuleID: string(f.Code), RuleIndex: run.rule(f), Level: level(f.State),
		Message: sarifText{f.Message}, Locations: make([]sarifLocation, 1),
		Fingerprints: map[string]string{fingerprint: hex.EncodeToString(sum[:16])},
	}
	at := &result.Locations[0].Physical
	at.Artifact.URI, at.Artifact.URIBaseID = (&url.URL{Path: f.Path}).String(), "%SRCROOT%"
	at.Region.StartLine = max(f.Line, 1)
	run.Results = append(run.Results, result)
}

// rule returns the index of the finding's rule, which it adds if need be.
func (run *sarifRun) rule(f stamp.Finding) int {
	rules := &run.Tool.Driver.Rules
	i := slices.IndexFunc(*rules, func(r sarifRule) bool { return r.ID == string(f.Code) })
	if i >= 0 {
		return i
	}
	text, hint := string(f.State), ""
	for _, k := range kinds() {
		if k.Code == f.Code {
			text, hint = k.Text, k.Hint
		}
	}
	if hint == "" {
		hint = "onex explain " + string(f.Code)
	}
	_, name, _ := strings.Cut(strings.TrimPrefix(string(f.Code), "ONEX_"), "_")
	*rules = append(*rules, sarifRule{string(f.Code), name, sarifText{text}, sarifText{hint}})
	return len(*rules) - 1
}

// kinds lists the errors that a check finds in files.
func kinds() []*fault.Kind {
	return []*fault.Kind{
		stamp.ErrModified, stamp.ErrUnstamped, stamp.ErrOutdated, stamp.ErrDuplicate, stamp.ErrNewer,
		stamp.ErrManifest, stamp.ErrNoEntry, stamp.ErrOrphan, stamp.ErrLost, stamp.ErrNotFound, stamp.ErrRead, stamp.ErrTooLarge, filetype.ErrCorrupt, filetype.ErrConflict, meta.ErrParse, meta.ErrInvalid,
	}
}
