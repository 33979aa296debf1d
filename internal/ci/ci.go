// Package ci writes what a check found in the formats of the places where checks
// run: SARIF 2.1.0 for code scanning, the commands of a GitHub workflow, and
// JUnit's XML for test reports.
//
//	err := ci.SARIF(w, "onex check", "onexCheck/v1", findings)
//
// The functions write each format whole, or return the error of the writer. Paths
// are relative to the root of the project, which GitHub takes for that of the
// repository.
package ci

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
)

// A Rule is what a finding breaks.
type Rule struct {
	ID   string
	Name string
	Text string // in one line
	Help string // what to do
}

// A Finding is one place that is not in order.
type Finding struct {
	Rule    Rule
	Level   string // error, warning or note
	Path    string
	Line    int // from 1; 0 when it is about the file as a whole
	Column  int
	Message string
	Key     string // what, besides rule and path, makes it the same finding in another run
}

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
				StartLine   int `json:"startLine"`
				StartColumn int `json:"startColumn,omitempty"`
			} `json:"region"`
		} `json:"physicalLocation"`
	}
)

const (
	sarifSchema = "https://json.schemastore.org/sarif-2.1.0.json"
	homepage    = "https://github.com/omninode-ai/onex"
)

// SARIF writes the findings as one run of a tool, as "onex check": what the same tool
// finds later replaces it where both are uploaded. The recipe names how a finding is told from
// others: it stays the same one while rule, path and key do, whatever the line.
func SARIF(w io.Writer, tool, recipe string, findings []Finding) error {
	run := sarifRun{Results: []sarifResult{}}
	run.Tool.Driver = sarifDriver{Name: tool, InformationURI: homepage, Rules: []sarifRule{}}
	for _, f := range findings {
		run.add(recipe, f)
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(sarifLog{sarifSchema, "2.1.0", []sarifRun{run}})
}

func (run *sarifRun) add(recipe string, f Finding) {
	text := f.Rule.ID + "\x00" + f.Path
	if f.Key != "" {
		text += "\x00" + f.Key
	}
	sum := sha256.Sum256([]byte(text))
	result := sarifResult{
		RuleID: f.Rule.ID, RuleIndex: run.rule(f.Rule), Level: f.Level,
		Message: sarifText{f.Message}, Locations: make([]sarifLocation, 1),
		Fingerprints: map[string]string{recipe: hex.EncodeToString(sum[:16])},
	}
	at := &result.Locations[0].Physical
	at.Artifact.URI, at.Artifact.URIBaseID = (&url.URL{Path: f.Path}).String(), "%SRCROOT%"
	at.Region.StartLine = max(f.Line, 1)
	at.Region.StartColumn = f.Column
	run.Results = append(run.Results, result)
}

// rule returns the index of the rule, which it adds if need be.
func (run *sarifRun) rule(r Rule) int {
	rules := &run.Tool.Driver.Rules
	if i := slices.IndexFunc(*rules, func(o sarifRule) bool { return o.ID == r.ID }); i >= 0 {
		return i
	}
	*rules = append(*rules, sarifRule{r.ID, r.Name, sarifText{r.Text}, sarifText{r.Help}})
	return len(*rules) - 1
}

// GitHub writes the findings as commands of a GitHub workflow, which shows them at
// the lines of a pull request.
func GitHub(w io.Writer, findings []Finding) error {
	out := bufio.NewWriter(w)
	for _, f := range findings {
		at := "file=" + githubProperty.Replace(f.Path)
		if f.Line > 0 {
			at += fmt.Sprintf(",line=%d,col=%d", f.Line, max(f.Column, 1))
		}
		level := f.Level
		if level == "note" {
			level = "notice"
		}
		fmt.Fprintf(out, "::%s %s,title=%s::%s\n", level, at, githubProperty.Replace(f.Rule.ID), githubText.Replace(f.Message))
	}
	return out.Flush()
}

// How workflow commands escape what they are made of (actions/toolkit,
// packages/core/src/command.ts).
var (
	githubText     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	githubProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)
