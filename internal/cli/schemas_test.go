package cli

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/internal/catalogue"
	"github.com/omninode-ai/onex/internal/golden"
	"github.com/omninode-ai/onex/internal/nodes/registryloader"
	"github.com/omninode-ai/onex/internal/nodes/stamper"
	"github.com/omninode-ai/onex/internal/nodes/treegenerator"
	"github.com/omninode-ai/onex/internal/schema"
	"github.com/omninode-ai/onex/invoke"
	"github.com/omninode-ai/onex/lint"
	"github.com/omninode-ai/onex/parity"
	"github.com/omninode-ai/onex/stamp"
	"github.com/omninode-ai/onex/tree"
)

// A machineOutput is a JSON that scripts read: the file of its schema, the
// command that prints it, and how the schema is made.
type machineOutput struct {
	file, title string
	render      func(id, title string) ([]byte, error)
}

func machineOutputs() []machineOutput {
	return []machineOutput{
		{"nodes", "onex nodes -o json", schema.Document[NodeRows]},
		{"description", "onex describe NODE|TOOL -o json (a list of these when several are meant)", schema.Document[Description]},
		{"reply", "onex invoke TOOL -o json, onex run NODE --once -o json", schema.Document[invoke.Reply]},
		{"stamp", "onex stamp -o json", schema.Document[stamp.Report]},
		{"resolve", "onex resolve -o json", schema.Document[stamp.ResolveReport]},
		{"check", "onex check -o json", schema.Document[stamp.CheckReport]},
		{"artifacts", "onex artifacts -o json", schema.Document[registryloader.Loaded]},
		{"tree", "onex tree -o json", treeDocument},
		{"tree-skipped", "onex tree --skipped -o json", schema.Document[treegenerator.SkippedFiles]},
		{"tree-check", "onex tree --check -o json", schema.Document[treegenerator.Checked]},
		{"drift", "one difference in onex tree --check -o json", schema.Document[tree.Drift]},
		{"lint", "onex lint -o json", schema.Document[lint.Report]},
		{"lint-rules", "onex lint --list -o json", schema.Document[RuleRows]},
		{"parity", "onex parity -o json", schema.Document[parity.Report]},
		{"breaking", "onex breaking -o json", schema.Document[Breaks]},
		{"scenarios", "onex scenario ls -o json", schema.Document[ScenarioRows]},
		{"contract-check", "onex contract check -o json", schema.Document[ContractFindings]},
		{"contract-diff", "onex contract diff -o json", schema.Document[ContractDiff]},
		{"proof", "onex parity verify -o json, onex node verify -o json", schema.Document[Proof]},
		{"file", "onex describe FILE -o json", schema.Document[stamper.FileDescription]},
		{"explanations", "onex explain -o json", schema.Document[[]catalogue.Entry]},
		{"functions", "onex functions -o json", schema.Document[stamper.Functions]},
		{"handlers", "onex handlers list -o json", schema.Document[stamper.Handlers]},
		{"canaries", "onex handlers canary -o json", schema.Document[stamper.Rehearsed]},
		{"bus-ls", "onex bus ls -o json", schema.Document[BusRows]},
		{"bus-bench", "onex bus bench -o json", schema.Document[BenchRows]},
		{"bus-health", "onex bus health -o json", schema.Document[BusHealth]},
		{"bus-receipt", "one line of onex bus pub -o json and onex bus replay --republish -o json", schema.Document[BusReceipt]},
		{"bus-event", "one line of onex bus sub -o json and onex bus replay -o json", schema.Document[BusEvent]},
		{"dead-letters", "onex bus dead ls -o json", schema.Document[DeadLetterRows]},
		{"dead-letter", "onex bus dead show -o json", schema.Document[DeadLetterRow]},
		{"redriven", "onex bus dead redrive -o json", schema.Document[RedrivenRows]},
		{"port", "onex ports lease|renew -o json", schema.Document[PortLease]},
		{"ports", "onex ports list -o json", schema.Document[PortLeases]},
		{"audit-log", "onex audit ls -o json", schema.Document[AuditRows]},
		{"audit", "onex audit verify -o json", schema.Document[AuditReport]},
		{"event", "one line of onex events -o json; docs/events.md describes the metadata", schema.Document[EventLine]},
		{"trace", "onex events --trace ID -o json", schema.Document[Trace]},
		{"version", "onex version -o json", schema.Document[build]},
		{"error", "an error, wherever one is printed or sent", schema.Document[fault.Report]},
		{"explanation", "onex explain CODE -o json", schema.Document[catalogue.Entry]},
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

func TestTheSchemaOfTreesFitsThem(t *testing.T) {
	raw, err := treeDocument(schemaHome+"tree.json", "")
	if err != nil {
		t.Fatal(err)
	}
	v, err := schema.Compile(raw)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := json.Marshal(tree.FromPaths("p", []string{"a.md", "b/c/d.py"}, nil))
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Validate(doc); err != nil {
		t.Errorf("%s: %v", doc, err)
	}
	for _, bad := range []string{`{}`, `{"name":"p","type":"link"}`, `{"name":"p","type":"directory","children":[{"name":"a"}]}`, `{"name":"p","type":"file","size":1}`} {
		if v.Validate([]byte(bad)) == nil {
			t.Errorf("%s is taken for a tree", bad)
		}
	}
}

// schemaHome is where the schemas are published.
const schemaHome = "https://onex.omninode.ai/schemas/"

func TestSchemasOfMachineOutputAreCurrent(t *testing.T) {
	var want []string
	for _, o := range machineOutputs() {
		name := o.file + ".json"
		want = append(want, name)
		doc, err := o.render(schemaHome+name, o.title)
		if err != nil {
			t.Errorf("%s: %v", o.file, err)
			continue
		}
		golden.Check(t, filepath.Join("../../schemas", name), doc)
	}
	entries, err := os.ReadDir("../../schemas")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".json") && !slices.Contains(want, e.Name()) {
			t.Errorf("schemas/%s describes nothing that is printed", e.Name())
		}
	}
}
