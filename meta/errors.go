package meta

import (
	"fmt"
	"strings"

	"github.com/omninode-ai/onex/fault"
)

var (
	// ErrParse is returned when a metadata block cannot be read: its text is
	// not a mapping of keys to values, a quote or bracket is not closed, a key
	// comes twice, or a limit is passed. The message has the line and column.
	// Mend the block by hand, or let `onex stamp --repair` rebuild it; uuid and
	// created_at are kept as far as they can be found.
	ErrParse = fault.New("ONEX_STAMP_021_METADATA_PARSE_ERROR", fault.Invalid, "metadata block cannot be read").
			Hinted("mend the block by hand, or run onex stamp --repair")

	// ErrInvalid is returned when a block can be read but a field is missing or
	// has a value that its definition does not allow, such as a lifecycle that
	// does not exist. The identity of the file is not affected. Correct the
	// field in the file and stamp again.
	ErrInvalid = fault.New("ONEX_STAMP_022_METADATA_VALIDATION_ERROR", fault.Invalid, "metadata block is not valid").
			Hinted("correct the fields named and stamp again")

	// ErrMissing is returned when project.onex.yaml lacks a value that every
	// stamped file needs: owner, author or copyright. ONEX does not make up an
	// owner. Add the value to project.onex.yaml.
	ErrMissing = fault.New("ONEX_STAMP_082_MISSING_REQUIRED_PARAMETER", fault.Invalid, "required project value is missing").
			Hinted("add it to project.onex.yaml")
)

// A SyntaxError says where a block cannot be read, and why. [Parse] wraps it in
// an [ErrParse]; Line and Column count from 1, columns in bytes.
type SyntaxError struct {
	Line   int
	Column int
	Reason string
}

func (e *SyntaxError) Error() string { return e.Reason }

// Fault returns e as an [ErrParse] with its position as details.
func (e *SyntaxError) Fault() error {
	return ErrParse.Wrap(e, "line %d, column %d", e.Line, e.Column).
		Detail("line", fmt.Sprint(e.Line)).Detail("column", fmt.Sprint(e.Column))
}

// A Problem is one field that is missing or has a value not allowed.
type Problem struct {
	Field   string
	Value   string // as written; empty when the field is missing
	Message string // what is wrong and what would be right
}

func (p Problem) String() string {
	if p.Value == "" {
		return p.Field + ": " + p.Message
	}
	return fmt.Sprintf("%s: %s, not %q", p.Field, p.Message, p.Value)
}

// Problems are all problems of one block, in the order of the model.
type Problems []Problem

// Err returns an [ErrInvalid] that names every problem, or nil without any.
func (ps Problems) Err() error {
	if len(ps) == 0 {
		return nil
	}
	texts := make([]string, len(ps))
	for i, p := range ps {
		texts[i] = p.String()
	}
	return ErrInvalid.With("%s", strings.Join(texts, "; "))
}
