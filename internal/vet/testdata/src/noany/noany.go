package noany

import "encoding/json"

func Plain(a int, raw json.RawMessage) (string, error) { return "", nil }
func Generic[T any](v T) T                             { return v }
func Printf(format string, args ...any)                {}
func Log(level int, msg string, args ...any)           {}
func inner(v any) any                                  { return v }

func In(v any)                   {}             // want `any in In`
func Out() map[string]any        { return nil } // want `any in Out`
func Old(v interface{})          {}             // want `any in Old`
func Many(name string, v ...any) {}             // want `any in Many`

type Struct struct {
	Name   string
	Fields map[string]any // want `any in Struct.Fields`
	hook   func(v any)    // want `any in Struct.hook`
	Logf   func(format string, args ...any)
	Nested struct {
		Value any // want `any in Struct.Nested`
	}
}

type data struct {
	value any // want `any in data.value`
}

type Set[T any] struct{ items []T }

func (s *Set[T]) Add(v T)    {}
func (s *Set[T]) Raw() []any { return nil } // want `any in Set.Raw`
func (d data) Raw() any      { return nil }

type Reader interface {
	Read() (any, error) // want `any in Reader.Read`
	Close() error
}

type reader interface{ read() any }

type Func func(v any) // want `any in Func`

type Map map[string]any // want `any in Map`

type document map[string]any

var Default any // want `any in Default`
