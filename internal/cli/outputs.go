package cli

import (
	"fmt"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/internal/catalogue"
	"github.com/omninode-ai/onex/internal/nodes/docstringgenerator"
	"github.com/omninode-ai/onex/internal/nodes/registryloader"
	"github.com/omninode-ai/onex/internal/nodes/schemagenerator"
	"github.com/omninode-ai/onex/internal/nodes/stamper"
	"github.com/omninode-ai/onex/internal/nodes/treegenerator"
	"github.com/omninode-ai/onex/internal/schema"
	"github.com/omninode-ai/onex/invoke"
	"github.com/omninode-ai/onex/lint"
	"github.com/omninode-ai/onex/parity"
	"github.com/omninode-ai/onex/stamp"
	"github.com/omninode-ai/onex/tree"
)

// outputs are the JSON documents that scripts read: the file of the schema of each,
// the command that prints it, and how the schema is made.
func outputs() []schema.Output {
	return []schema.Output{
		{File: "nodes", Title: "onex nodes -o json", Render: schema.Document[NodeRows]},
		{File: "description", Title: "onex describe NODE|TOOL -o json (a list of these when several are meant)", Render: schema.Document[Description]},
		{File: "overview", Title: "onex describe -o json, without a name", Render: schema.Document[Overview]},
		{File: "reply", Title: "onex invoke TOOL -o json, onex run NODE --once -o json", Render: schema.Document[invoke.Reply]},
		{File: "sent", Title: "onex invoke TOOL --async -o json", Render: schema.Document[invoke.Sent]},
		{File: "batch-reply", Title: "each line of onex invoke --batch", Render: schema.Document[BatchReply]},
		{File: "stamp", Title: "onex stamp -o json", Render: schema.Document[stamp.Report]},
		{File: "resolve", Title: "onex resolve -o json", Render: schema.Document[stamp.ResolveReport]},
		{File: "check", Title: "onex check -o json", Render: schema.Document[stamp.CheckReport]},
		{File: "artifacts", Title: "onex artifacts -o json", Render: schema.Document[registryloader.Loaded]},
		{File: "schemas", Title: "onex schemas -o json", Render: schema.Document[schemagenerator.Schemas]},
		{File: "docs", Title: "onex docs -o json", Render: schema.Document[docstringgenerator.Pages]},
		{File: "tree", Title: "onex tree -o json", Render: treeDocument},
		{File: "tree-skipped", Title: "onex tree --skipped -o json", Render: schema.Document[treegenerator.SkippedFiles]},
		{File: "tree-check", Title: "onex tree --check -o json", Render: schema.Document[treegenerator.Checked]},
		{File: "drift", Title: "one difference in onex tree --check -o json", Render: schema.Document[tree.Drift]},
		{File: "lint", Title: "onex lint -o json", Render: schema.Document[lint.Report]},
		{File: "plugins", Title: "onex plugins list -o json", Render: schema.Document[PluginRows]},
		{File: "lint-rules", Title: "onex lint --list -o json", Render: schema.Document[RuleRows]},
		{File: "parity", Title: "onex parity -o json", Render: schema.Document[parity.Report]},
		{File: "milestone", Title: "onex report milestone -o json", Render: schema.Document[MilestoneReport]},
		{File: "breaking", Title: "onex breaking -o json", Render: schema.Document[Breaks]},
		{File: "scenarios", Title: "onex scenario ls -o json", Render: schema.Document[ScenarioRows]},
		{File: "contract-check", Title: "onex contract check -o json", Render: schema.Document[ContractFindings]},
		{File: "contract-diff", Title: "onex contract diff -o json", Render: schema.Document[ContractDiff]},
		{File: "proof", Title: "onex parity verify -o json, onex node verify -o json", Render: schema.Document[Proof]},
		{File: "file", Title: "onex describe FILE -o json", Render: schema.Document[stamper.FileDescription]},
		{File: "explanations", Title: "onex explain -o json", Render: schema.Document[[]catalogue.Entry]},
		{File: "functions", Title: "onex functions -o json", Render: schema.Document[stamper.Functions]},
		{File: "handlers", Title: "onex handlers list -o json", Render: schema.Document[stamper.Handlers]},
		{File: "canaries", Title: "onex handlers canary -o json", Render: schema.Document[stamper.Rehearsed]},
		{File: "bus-ls", Title: "onex bus ls -o json", Render: schema.Document[BusRows]},
		{File: "bus-bench", Title: "onex bus bench -o json", Render: schema.Document[BenchRows]},
		{File: "bus-health", Title: "onex bus health -o json", Render: schema.Document[BusHealth]},
		{File: "bus-receipt", Title: "one line of onex bus pub -o json and onex bus replay --republish -o json", Render: schema.Document[BusReceipt]},
		{File: "bus-event", Title: "one line of onex bus sub -o json and onex bus replay -o json", Render: schema.Document[BusEvent]},
		{File: "dead-letters", Title: "onex bus dead ls -o json", Render: schema.Document[DeadLetterRows]},
		{File: "dead-letter", Title: "onex bus dead show -o json", Render: schema.Document[DeadLetterRow]},
		{File: "redriven", Title: "onex bus dead redrive -o json", Render: schema.Document[RedrivenRows]},
		{File: "port", Title: "onex ports lease|renew -o json", Render: schema.Document[PortLease]},
		{File: "ports", Title: "onex ports list -o json", Render: schema.Document[PortLeases]},
		{File: "audit-log", Title: "onex audit ls -o json", Render: schema.Document[AuditRows]},
		{File: "audit", Title: "onex audit verify -o json", Render: schema.Document[AuditReport]},
		{File: "event", Title: "one line of onex events -o json; docs/events.md describes the metadata", Render: schema.Document[EventLine]},
		{File: "trace", Title: "onex events --trace ID -o json", Render: schema.Document[Trace]},
		{File: "version", Title: "onex version -o json", Render: schema.Document[build]},
		{File: "error", Title: "an error, wherever one is printed or sent", Render: schema.Document[fault.Report]},
		{File: "explanation", Title: "onex explain CODE -o json", Render: schema.Document[catalogue.Entry]},
	}
}

// treeDocument is written by hand: a tree.Node contains itself.
func treeDocument(id, title string) ([]byte, error) {
	return fmt.Appendf(nil, `{
  "$schema": %q,
  "$id": %q,
  "title": %q,
  "type": "object",
  "required": ["name", "type"],
  "additionalProperties": false,
  "properties": {
    "name": {"type": "string"},
    "type": {"enum": [%q, %q]},
    "namespace": {"type": "string", "description": "of files"},
    "children": {"type": "array", "items": {"$ref": "#"}, "description": "of directories, sorted by name"}
  }
}
`, schema.Draft, id, title, tree.Directory, tree.Regular), nil
}
