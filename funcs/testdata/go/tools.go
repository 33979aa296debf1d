// Package p is a case.
package p

import "context"

// Validate checks a schema.
//
// @onex:function
// @error SCHEMA_INVALID
// @side_effect logs
func Validate(ctx context.Context, a, b map[string]int, opts ...func(x int) error) (ok bool, err error) {
	return true, nil
}

func unmarked(int, chan int) string { return "" }

type T[K any] struct{}

/*
@onex:function

Do does.
*/
func (t *T[K]) Do(k K /* the key */) {}

// @onex:function

var x = func() {}
