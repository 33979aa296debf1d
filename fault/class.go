package fault

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"slices"
)

// A Class says what the caller can do about an error. The set is closed.
type Class string

// The classes, and what to do about each.
const (
	Invalid     Class = "invalid"     // the input is wrong: mend it, do not retry
	NotFound    Class = "not_found"   // the thing named does not exist (now)
	Exists      Class = "exists"      // the thing to be made is there already
	Conflict    Class = "conflict"    // somebody else changed or holds it: read again, then decide
	Denied      Class = "denied"      // the caller may not do this
	Exhausted   Class = "exhausted"   // a stated limit is reached: wait or ask for less
	Unavailable Class = "unavailable" // a party is not there now: retry with backoff
	Timeout     Class = "timeout"     // no answer in time: the outcome may be unknown
	Canceled    Class = "canceled"    // the caller gave up
	Unsupported Class = "unsupported" // never possible here: choose another way
	Corrupt     Class = "corrupt"     // stored or received bytes are damaged
	Internal    Class = "internal"    // a defect in ONEX itself: report it
)

// Classes returns all classes, in the order of their documentation.
func Classes() []Class {
	return []Class{Invalid, NotFound, Exists, Conflict, Denied, Exhausted,
		Unavailable, Timeout, Canceled, Unsupported, Corrupt, Internal}
}

// Valid reports whether c is one of [Classes].
func (c Class) Valid() bool { return slices.Contains(Classes(), c) }

// Retryable reports whether the same call may succeed later without a change by
// the caller. It says nothing about whether repeating an effect is safe.
func (c Class) Retryable() bool {
	return c == Unavailable || c == Timeout || c == Exhausted
}

// HTTPStatus returns the status code a server answers with for c.
func (c Class) HTTPStatus() int {
	switch c {
	case Invalid:
		return http.StatusBadRequest
	case NotFound:
		return http.StatusNotFound
	case Exists, Conflict:
		return http.StatusConflict
	case Denied:
		return http.StatusForbidden
	case Exhausted:
		return http.StatusTooManyRequests
	case Unavailable:
		return http.StatusServiceUnavailable
	case Timeout:
		return http.StatusGatewayTimeout
	case Canceled:
		return 499 // nginx's "client closed request"; HTTP has no code of its own
	case Unsupported:
		return http.StatusNotImplemented
	}
	return http.StatusInternalServerError
}

// ClassOf returns the class of the first error in err's tree that has one: an
// [Error], a [Kind], or a well-known error of the standard library. Any other
// error is [Internal]. The class of nil is the empty string.
func ClassOf(err error) Class {
	if err == nil {
		return ""
	}
	if k := kindOf(err); k != nil {
		return k.Class
	}
	switch {
	case errors.Is(err, context.Canceled):
		return Canceled
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		return Timeout
	case errors.Is(err, fs.ErrNotExist):
		return NotFound
	case errors.Is(err, fs.ErrExist):
		return Exists
	case errors.Is(err, fs.ErrPermission):
		return Denied
	}
	return Internal
}
