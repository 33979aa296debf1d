// Package fault is how ONEX says that something went wrong: to a person, to
// the caller in Go, and to a program at the other end of a wire.
//
// A package that returns an error worth testing declares it once, as a
// variable made by [New], with a code that is stable for ever and a [Class]
// that says what the caller can do about it:
//
//	// ErrClosed is returned by every call on a bus after Close.
//	var ErrClosed = fault.New("ONEX_BUS_001_CLOSED", fault.Unavailable, "the bus is closed")
//
// It returns the variable itself, or an [Error] made from it that names the
// thing and the value:
//
//	return ErrClosed.With("bus %q", url)
//
// Callers test with errors.Is(err, bus.ErrClosed). Nothing else is needed:
// exit status, retry policy and HTTP status are functions of the class, each in
// one table. An error that crosses a process becomes a [Report] and comes back
// as an error that errors.Is still matches, because [Error] compares codes.
//
// Errors of the standard library have classes too ([ClassOf]); nobody wraps
// fs.ErrNotExist only to give it a class.
//
// Values are immutable and safe for concurrent use.
package fault
