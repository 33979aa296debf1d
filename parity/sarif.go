package parity

import (
	"io"
	"path"
	"strings"

	"github.com/omninode-ai/onex/internal/ci"
	"github.com/omninode-ai/onex/node"
)

// sarif writes what failed and what is a warning. Each stands at the contract of
// its node, because that is the promise which is not kept.
func (r Report) sarif(w io.Writer) error {
	var findings []ci.Finding
	for _, c := range r.Results {
		level, ok := map[Verdict]string{Fail: "error", Warn: "warning"}[c.Verdict]
		if !ok || c.Error == nil {
			continue
		}
		findings = append(findings, ci.Finding{
			Rule:  ci.Rule{ID: string(c.Error.Code), Name: strings.TrimPrefix(string(c.Error.Code), "ONEX_"), Text: string(c.Check), Help: c.Error.Hint},
			Level: level, Path: path.Join(c.Node, node.ContractFile), Line: 1, Key: c.title(),
			Message: c.Node + " " + c.title() + ": " + c.Message + "\n" + c.Diff,
		})
	}
	return ci.SARIF(w, "onex parity", "onexParity/v1", findings)
}
