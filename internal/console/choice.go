package console

import (
	"fmt"
	"slices"
	"strings"
)

// A Choice is a flag whose value is one word of a closed set (pflag.Value). Value
// is what it is when the flag is not given.
type Choice[W ~string] struct {
	Value W
	Of    []W
}

// Set parses the flag's value.
func (c *Choice[W]) Set(s string) error {
	if !slices.Contains(c.Of, W(s)) {
		return fmt.Errorf("%q is not one of %s", s, c.Type())
	}
	c.Value = W(s)
	return nil
}

func (c *Choice[W]) String() string { return string(c.Value) }

// Type names the values in help texts.
func (c *Choice[W]) Type() string {
	var words []string
	for _, w := range c.Of {
		words = append(words, string(w))
	}
	return strings.Join(words, "|")
}
