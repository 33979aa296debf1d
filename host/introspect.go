package host

import (
	"encoding/json"
	"runtime"
	"slices"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/node"
)

// IntrospectionVersion is the version of the form of an [Introspection]: that of
// the reference implementation (runtime digest, 4.4), of which it keeps what can
// be derived.
const IntrospectionVersion = "1.1.0"

// An Introspection is what a running node says of itself. Everything in it is
// derived from what runs.
type Introspection struct {
	Metadata     node.Manifest `json:"node_metadata"`
	Contract     node.Contract `json:"contract"`
	ErrorCodes   []ErrorCodes  `json:"error_codes"`
	Dependencies Dependencies  `json:"dependencies"`
	Capabilities []string      `json:"capabilities"`
	Instance     Instance      `json:"instance"`
	Tree         string        `json:"onextree,omitempty"` // the .onextree of its directory, as it was when it was loaded
	Version      string        `json:"introspection_version"`
}

// ErrorCodes are the errors that one tool may answer with.
type ErrorCodes struct {
	Tool  node.ToolName `json:"tool"`
	Codes []ErrorCode   `json:"codes"`
}

// An ErrorCode is one of them.
type ErrorCode struct {
	Code        string `json:"code"`
	Description string `json:"description"`
	ExitStatus  int    `json:"exit_status"`
}

// Dependencies are what the node needs to run.
type Dependencies struct {
	Runtime string   `json:"runtime_version"`
	Command []string `json:"command,omitempty"`
}

// An Instance is the process behind the node.
type Instance struct {
	NodeID  node.ID       `json:"node_id"`
	Process event.Process `json:"process"`
	Workers int           `json:"workers"`
}

// Introspect returns what the node says of itself now.
func (h *Host) Introspect() Introspection {
	c := h.Contract()
	i := Introspection{
		Metadata:     h.manifest,
		Contract:     c,
		ErrorCodes:   []ErrorCodes{},
		Dependencies: Dependencies{Runtime: runtime.Version(), Command: h.manifest.Program.Command},
		Capabilities: capabilities(c),
		Instance:     Instance{NodeID: h.id, Process: h.o.Process, Workers: h.o.Workers},
		Tree:         h.tree,
		Version:      IntrospectionVersion,
	}
	for _, t := range c.Tools {
		codes := ErrorCodes{Tool: t.Name, Codes: []ErrorCode{}}
		for _, e := range t.Errors {
			codes.Codes = append(codes.Codes, ErrorCode(e))
		}
		i.ErrorCodes = append(i.ErrorCodes, codes)
	}
	return i
}

// capabilities lists what every host can do, and what the tools add.
func capabilities(c node.Contract) []string {
	all := []string{"supports_correlation_id", "supports_event_bus", "supports_schema_validation"}
	if slices.ContainsFunc(c.Tools, func(t node.Tool) bool { return t.Idempotency == node.Keyed }) {
		all = append(all, "supports_idempotency_keys")
	}
	return all
}

// selected keeps the parts of an introspection that were asked for by key; the
// version is always kept.
func selected(i Introspection, keys []string) (json.RawMessage, error) {
	raw, err := json.Marshal(i)
	if err != nil || len(keys) == 0 {
		return raw, err
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(raw, &all); err != nil {
		return nil, err
	}
	for key := range all {
		if key != "introspection_version" && !slices.Contains(keys, key) {
			delete(all, key)
		}
	}
	return json.Marshal(all)
}

// meant reports whether a request with this filter, of names and ids, is for
// this node, too.
func (h *Host) meant(filter []string) bool {
	return len(filter) == 0 || slices.Contains(filter, string(h.manifest.Name)) || slices.Contains(filter, string(h.id))
}
