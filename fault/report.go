package fault

import (
	"errors"
	"maps"
)

// ErrUncoded is the kind of an error that nobody gave a code: a defect, or a
// failure of the system underneath (a full disk, a broken pipe).
var ErrUncoded = New("ONEX_CORE_081_OPERATION_FAILED", Internal, "operation failed")

// A Report is an error in the form that people's scripts and other processes
// read. Its JSON keys are part of the stable output of every command.
type Report struct {
	Code    Code              `json:"code"`
	Class   Class             `json:"class"`
	Message string            `json:"message"`
	Details map[string]string `json:"details,omitempty"`
	Hint    string            `json:"hint,omitempty"`
}

// ReportOf describes err. An error without a code gets that of [ErrUncoded] and
// the class that [ClassOf] finds. The report of nil is the zero Report.
func ReportOf(err error) Report {
	if err == nil {
		return Report{}
	}
	r := Report{Code: ErrUncoded.Code, Class: ClassOf(err), Message: err.Error()}
	if k := kindOf(err); k != nil {
		r.Code, r.Hint = k.Code, k.Hint
	}
	var e *Error
	if errors.As(err, &e) {
		r.Hint = e.Hint()
		r.Details = maps.Clone(e.details)
	}
	return r
}

// Err returns the error that r describes; errors.Is matches it with the
// variable it was made from, also when that lives in another process. An
// unknown class, as from a newer peer, reads as [Internal]. The error of the
// zero Report is nil.
func (r Report) Err() error {
	if r.Code == "" && r.Message == "" {
		return nil
	}
	k := &Kind{Code: r.Code, Class: r.Class, Text: r.Message, Hint: r.Hint}
	if !k.Class.Valid() {
		k.Class = Internal
	}
	return &Error{kind: k, message: r.Message, hint: r.Hint, details: maps.Clone(r.Details)}
}
