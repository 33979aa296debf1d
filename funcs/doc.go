// Package funcs finds functions in source code, and among them those that are
// marked as tools.
//
//	parts, err := t.Split(src) // package filetype
//	tools, diags := funcs.Find(funcs.Python, parts.Body)
//
// A function is marked by a line of its documentation, a comment in front of it
// or its docstring, that begins with @onex:function or @onex_function:
//
//	def validate(schema: dict, strict: bool = False) -> Report:
//	    """Validates a schema.
//
//	    @onex:function
//	    @raises SCHEMA_INVALID
//	    @side_effect logs validation events
//	    """
//
// The first line of the documentation that is no tag is the description. Inputs
// and outputs come from the signature; where the language has no types, from
// @param {type} name and @returns {type}. Error codes come from @raises,
// @throws or @error, side effects from @side_effect or @effects.
//
// [All] lists every function, marked or not: functions and methods that have a
// name and a body, nested ones included. A function expression has the name of
// what it is assigned to. What macros make is not seen.
//
// Guarantees. Both return functions in the order of the source, never panic, and
// take time and memory linear in the source, whatever is in it. A source with
// syntax errors is no failure: what is recognised is returned, and a
// [Diagnostic] says where it went wrong. Find does not look further at a source
// in which the marker does not occur.
//
// Lines count from the first line of the source that is given. Give the body of
// a file, without head and metadata block, and stamping the file does not move
// them.
//
// In plain words: these are scanners, not parsers. They know strings, comments,
// brackets and where a declaration can stand, and nothing else; on valid source
// they agree with the language's own parser on more than 98 functions of 100,
// which tests measure. Go is read by go/parser.
//
// Limits: a source has at most [MaxSource] bytes. All functions are pure. To test
// against this package, give it a source; a new language gets cases in testdata.
package funcs
