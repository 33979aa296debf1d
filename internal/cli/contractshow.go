package cli

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/node"
)

// A ContractView is a contract as onex contract show prints it.
type ContractView struct{ node.Contract }

// MarshalJSON writes the contract with the keys of the file.
func (v ContractView) MarshalJSON() ([]byte, error) { return v.Contract.MarshalJSON() }

// Table has a line for each tool.
func (v ContractView) Table() console.Grid {
	g := console.Grid{Header: []string{"tool", "takes", "gives", "errors", "effects", "repeat", "examples"}, Empty: "no tools"}
	for _, t := range v.Tools {
		g.Rows = append(g.Rows, []string{
			string(t.Name), keysOf(t.Input), keysOf(t.Output), strconv.Itoa(len(t.Errors)),
			joined(t.Effects), string(cmp.Or(t.Idempotency, node.None)), strconv.Itoa(len(t.Examples)),
		})
	}
	return g
}

// keysOf lists the properties of a schema; those that are not required have a
// question mark.
func keysOf(raw json.RawMessage) string {
	var s struct {
		Properties map[string]json.RawMessage
		Required   []string
		Type       json.RawMessage
	}
	if json.Unmarshal(raw, &s) != nil || len(s.Properties) == 0 {
		return strings.Trim(string(s.Type), `"`)
	}
	var keys []string
	for _, key := range slices.Sorted(maps.Keys(s.Properties)) {
		if !slices.Contains(s.Required, key) {
			key += "?"
		}
		keys = append(keys, key)
	}
	return strings.Join(keys, ", ")
}

func joined[T ~string](all []T) string {
	var words []string
	for _, w := range all {
		words = append(words, string(w))
	}
	return strings.Join(words, ", ")
}

func newContractShow(s *session) *cobra.Command {
	var asSchema bool
	cmd := &cobra.Command{
		Use:   "show NODE",
		Short: "print a contract",
		Long: `show prints the contract of NODE: a contract.yaml, the directory of a node, the
name of a built-in node, or the name or id of a live one.

With --schema it prints one JSON Schema (2020-12) whose $defs hold the input and the
output of each tool, as TOOL.input and TOOL.output.`,
		Example: `  onex contract show ./greeter
  onex contract show stamper -o yaml
  onex contract show ./greeter --schema > greeter.schema.json`,
		Args:              exactly(1),
		ValidArgsFunction: s.completeContracts,
	}
	format := formatFlag(cmd, console.Table)
	cmd.Flags().BoolVar(&asSchema, "schema", false, "print a JSON Schema of what the tools take and give")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		c, err := s.contractOf(cmd.Context(), args[0])
		if err != nil {
			return err
		}
		if asSchema {
			return s.Print(console.JSON, schemaOf(c))
		}
		return s.Print(*format, ContractView{c})
	}
	return cmd
}

// A contractSchema is the schemas of a contract in one document.
type contractSchema struct {
	Schema      string                     `json:"$schema"`
	Title       string                     `json:"title"`
	Description string                     `json:"description,omitempty"`
	Defs        map[string]json.RawMessage `json:"$defs"`
}

func schemaOf(c node.Contract) contractSchema {
	doc := contractSchema{
		Schema: "https://json-schema.org/draft/2020-12/schema", Title: strings.TrimSpace(string(c.Node) + " " + c.Version),
		Description: c.Description, Defs: map[string]json.RawMessage{},
	}
	for _, t := range c.Tools {
		doc.Defs[string(t.Name)+".input"], doc.Defs[string(t.Name)+".output"] = t.Input, t.Output
	}
	return doc
}
