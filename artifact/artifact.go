package artifact

import (
	"github.com/omninode-ai/onex/fault"
)

// A Type is a kind of artifact. It is written in the plural, as in the reference
// implementation.
type Type string

// The types, and the files by which they are found.
const (
	Nodes     Type = "nodes"      // node.onex.yaml
	Contracts Type = "contracts"  // contract.yaml
	Scenarios Type = "scenarios"  // scenarios/NAME.yaml beside a contract
	Schemas   Type = "schemas"    // NAME.schema.json, and NAME.json in a directory called schemas
	FileTypes Type = "file_types" // entries of types in onex.yaml
	CLITools  Type = "cli_tools"  // cli_tool.yaml
	Runtimes  Type = "runtimes"   // runtime.yaml
	Adapters  Type = "adapters"   // adapter.yaml
	Packages  Type = "packages"   // package.yaml
)

// Types returns all types.
func Types() []Type {
	return []Type{Nodes, Contracts, Scenarios, Schemas, FileTypes, CLITools, Runtimes, Adapters, Packages}
}

// Values lists the types, for schemas.
func (Type) Values() []string {
	var all []string
	for _, t := range Types() {
		all = append(all, string(t))
	}
	return all
}

// An Artifact is one thing that a project offers.
type Artifact struct {
	Type        Type   `json:"artifact_type"`
	Name        string `json:"name"` // as its file says; of a file that cannot be read, that of the directory or file
	Version     string `json:"version,omitempty"`
	UUID        string `json:"uuid,omitempty"`
	Description string `json:"description,omitempty"`
	Path        string `json:"path"` // of the file, below the root, with slashes
	Valid       bool   `json:"is_valid"`
	WIP         bool   `json:"is_wip"` // work in progress
}

// A Problem is what is wrong with an artifact.
type Problem struct {
	Path    string     `json:"path"`
	Type    Type       `json:"artifact_type"`
	Code    fault.Code `json:"code"`
	Message string     `json:"error_message"`
}

// A Count sums up the artifacts of one type.
type Count struct {
	Type    Type `json:"artifact_type"`
	Total   int  `json:"artifact_count"`
	Valid   int  `json:"valid_artifact_count"`
	Invalid int  `json:"invalid_artifact_count"`
	WIP     int  `json:"wip_artifact_count"` // among the others with Options.WIP; else left out, and counted only here
}

// Found is what a project offers.
type Found struct {
	Artifacts []Artifact `json:"artifacts"` // sorted by path
	Counts    []Count    `json:"summary"`   // of the types that were met, in the order of [Types]
	Problems  []Problem  `json:"errors"`    // sorted by path
}

// OK reports whether all artifacts are valid.
func (f Found) OK() bool { return len(f.Problems) == 0 }
