package noglobal

import (
	"embed"
	"errors"
	"fmt"
	"regexp"
)

var (
	ErrOne = errors.New("one")
	form   = regexp.MustCompile(`^[a-z]+$`)
	_      = fmt.Stringer(nil)
)

//go:embed noglobal.go
var files embed.FS

const limit = 3

var counter int // want `package-level variable counter`

var table = map[string]int{"a": 1} // want `package-level variable table`

var a, b = errors.New("a"), new(int) // want `package-level variable b`

var made = fmt.Errorf("%d", limit) // want `package-level variable made`

var called = func() int { return 1 }() // want `package-level variable called`

var chained = form.Longest // want `package-level variable chained`

var ErrHinted = faults{}.New("x").Hinted("y") // want `package-level variable ErrHinted`

type faults struct{}

func (faults) New(string) faults    { return faults{} }
func (faults) Hinted(string) faults { return faults{} }
