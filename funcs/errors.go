package funcs

import "github.com/omninode-ai/onex/fault"

// ErrSyntax is reported for source code that cannot be: a string, comment or
// bracket that is not closed, or a declaration that breaks off. The functions
// that were recognised are listed all the same, and the file can be stamped.
// Mend the source; the language's own tools say more about what is wrong.
var ErrSyntax = fault.New("ONEX_FUNCS_001_SYNTAX_ERROR", fault.Invalid, "source code has a syntax error").
	Hinted("mend the source and run the command again")

// ErrStray is reported for a comment that marks a function as a tool where no
// function with a name follows. Move the comment directly in front of the
// function, or remove the marker.
var ErrStray = fault.New("ONEX_FUNCS_002_MARKER_WITHOUT_FUNCTION", fault.Invalid, "the marker belongs to no function").
	Hinted("put the comment directly in front of the function")

// ErrTwice is reported for a marked function with the name of another marked
// function of the same file: tools are found by name, so the first one stays.
// Rename one of them, or remove its marker.
var ErrTwice = fault.New("ONEX_FUNCS_003_DUPLICATE_NAME", fault.Conflict, "two marked functions have one name").
	Hinted("rename one of them or remove its marker")

// ErrTooLarge is reported for source code that is larger than any that people
// write. It is not searched for functions. List the file in .onexignore.
var ErrTooLarge = fault.New("ONEX_FUNCS_004_SOURCE_TOO_LARGE", fault.Exhausted, "the source is too large to search").
	Hinted("list the file in .onexignore")

// ErrLanguage is returned for a language in which no functions can be found. The
// message lists those in which they can.
var ErrLanguage = fault.New("ONEX_FUNCS_005_UNKNOWN_LANGUAGE", fault.Unsupported, "functions of this language cannot be found")
