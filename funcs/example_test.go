package funcs_test

import (
	"fmt"

	"github.com/omninode-ai/onex/funcs"
	"github.com/omninode-ai/onex/meta"
)

func ExampleFind() {
	tools, diags := funcs.Find(funcs.Python, []byte(`
def validate(schema: dict, strict: bool = False) -> Report:
    """Validates a schema.

    @onex:function
    @raises SCHEMA_INVALID
    """
    return check(schema)
`))
	for _, f := range tools {
		fmt.Println(f.Line, f.Name, f.Inputs, f.Outputs, f.ErrorCodes, f.Description)
	}
	fmt.Println(len(diags))
	// Output:
	// 2 validate [schema: dict strict: bool] [Report] [SCHEMA_INVALID] Validates a schema.
	// 0
}

func ExampleTools() {
	tools, _ := funcs.Find(funcs.Shell, []byte(`
# @onex:function
# Copies the files.
# @param target
# @side_effect creates files
backup() { cp -r . "$1"; }
`))
	var b meta.Block
	b.Set(meta.FieldTools, funcs.Tools(tools, &funcs.Options{Lines: true}))
	fmt.Printf("%s", meta.Print(b))
	// Output:
	// tools:
	//   backup:
	//     type: function
	//     language: bash
	//     line: 6
	//     description: Copies the files.
	//     inputs:
	//     - 'target: string'
	//     outputs: []
	//     error_codes: []
	//     side_effects:
	//     - creates files
}
