package fault

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
)

// A Code names one error for people and for programs in other languages. Its
// form is ONEX_<COMPONENT>_<NNN>_<NAME>; once published it is never reused.
type Code string

// codeForm is the form of the reference implementation (runtime digest, 4.6).
var codeForm = regexp.MustCompile(`^ONEX_[A-Z]+(_[A-Z]+)*_[0-9]{3}_[A-Z0-9]+(_[A-Z0-9]+)*$`)

// Valid reports whether c has the form of a code.
func (c Code) Valid() bool { return codeForm.MatchString(string(c)) }

// A Kind is a declared error: what all errors with one code have in common. It
// is itself an error, for the cases where its text says everything.
type Kind struct {
	Code  Code
	Class Class
	Text  string // one line: lower case, no period
	Hint  string // what the caller can do next; may be empty
}

// New declares a kind of error. It is meant for package-level variables, and
// panics when the code or the class is malformed: that is a defect found at
// start-up, not a condition to handle. The comment above the variable is the
// entry in the error catalogue (docs/errors.md, onex explain).
func New(code Code, class Class, text string) *Kind {
	if !code.Valid() || !class.Valid() || text == "" {
		panic(fmt.Sprintf("fault: malformed declaration %q, class %q, text %q", code, class, text))
	}
	return &Kind{Code: code, Class: class, Text: text}
}

// Hinted returns a copy of k with a hint. It is used in declarations.
func (k *Kind) Hinted(hint string) *Kind {
	c := *k
	c.Hint = hint
	return &c
}

func (k *Kind) Error() string { return k.Text }

// Is reports whether target is, or is made from, the kind with k's code.
func (k *Kind) Is(target error) bool { return sameCode(k, target) }

// With returns an error of kind k whose message is k's text, a colon, and the
// formatted detail, which should name the thing and the value.
func (k *Kind) With(format string, args ...any) *Error {
	return &Error{kind: k, message: k.Text + ": " + fmt.Sprintf(format, args...)}
}

// Wrap is [Kind.With] for an error that has a cause, which errors.Is and
// errors.As find. The cause's text ends the message.
func (k *Kind) Wrap(cause error, format string, args ...any) *Error {
	e := k.With(format, args...)
	if cause != nil {
		e.message += ": " + cause.Error()
		e.cause = cause
	}
	return e
}

// An Error is one occurrence of a [Kind].
type Error struct {
	kind    *Kind
	message string
	hint    string
	details map[string]string
	cause   error
}

func (e *Error) Error() string { return e.message }

// Unwrap returns the cause, or nil.
func (e *Error) Unwrap() error { return e.cause }

// Is reports whether target is, or is made from, the kind with e's code.
func (e *Error) Is(target error) bool { return sameCode(e.kind, target) }

// Kind returns the declared kind of e.
func (e *Error) Kind() *Kind { return e.kind }

// Hint returns what the caller can do next: e's own hint or else its kind's.
func (e *Error) Hint() string {
	if e.hint != "" {
		return e.hint
	}
	return e.kind.Hint
}

// Hinted returns a copy of e with a hint that knows more than its kind's.
func (e *Error) Hinted(format string, args ...any) *Error {
	c := *e
	c.hint = fmt.Sprintf(format, args...)
	return &c
}

// Detail returns a copy of e with one more named fact for programs to read.
func (e *Error) Detail(key, value string) *Error {
	c := *e
	c.details = maps.Clone(e.details)
	if c.details == nil {
		c.details = map[string]string{}
	}
	c.details[key] = value
	return &c
}

// kindOf finds the first declared kind in err's tree.
func kindOf(err error) *Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.kind
	}
	var k *Kind
	if errors.As(err, &k) {
		return k
	}
	return nil
}

func sameCode(k *Kind, target error) bool {
	switch t := target.(type) {
	case *Kind:
		return t.Code == k.Code
	case *Error:
		return t.kind.Code == k.Code
	}
	return false
}
