package p

import "io"

type Event struct {
	Metadata map[string]any // want "any in Event.Metadata"
	ok       func(any)      // want "any in Event.ok"
}

func Print(w io.Writer, v any) {} // want "any in Print"

type Any = interface{} // want "any in Any"

func (e *Event) Value() interface{} { return nil } // want "any in Event.Value"
