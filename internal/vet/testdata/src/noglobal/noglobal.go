package noglobal

import (
	"embed"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

var (
	ErrOne = errors.New("one")
	form   = regexp.MustCompile(`^[a-z]+$`)
	escape = strings.NewReplacer("a", "b")
	kind   = reflect.TypeFor[int]()
	once   = sync.OnceValue(read)
	_      = fmt.Stringer(nil)
)

//go:embed noglobal.go
var files embed.FS

// Tables that nothing writes to.
var (
	table  = map[string]int{"a": 1}
	list   = []string{"a"}
	bytes  = []byte("a")
	single = 3
	rule   = func(s string) bool { return s == "" }
	rules  = collect("a", "b")
	shadow = []int{1}
)

func collect(names ...string) []string { return names }

func read() string {
	shadow := shadow
	shadow[0] = 2
	for _, single := range shadow {
		single++
	}
	return fmt.Sprint(table["a"]+single, list[0]+string(bytes)+rules[0], rule(""))
}

var counter int // want `package-level variable counter`

var counted = 1 // want `package-level variable counted`

var cache = map[string]int{} // want `package-level variable cache`

var names = []string{"b", "a"} // want `package-level variable names`

var shared = []int{1} // want `package-level variable shared`

var state = struct{ n int }{} // want `package-level variable state`

var forgotten = map[string]int{"a": 1} // want `package-level variable forgotten`

func write() *[]int {
	counted++
	cache["a"] = 1
	slices.Sort(names)
	state.n = 1
	delete(forgotten, "a")
	return &shared
}

var Table = map[string]int{"a": 1} // want `package-level variable Table`

var a, b = errors.New("a"), new(int) // want `package-level variable b`

var pointer = &struct{ n int }{} // want `package-level variable pointer`

var lock = sync.Mutex{} // want `package-level variable lock`

var number = atomic.Int64{} // want `package-level variable number`

var made = make(map[string]int) // want `package-level variable made`

var elsewhere = fmt.Sprint("x") // want `package-level variable elsewhere`

var called = func() int { return 1 }() // want `package-level variable called`

var chained = form.Longest // want `package-level variable chained`

var ErrHinted = faults{}.New("x").Hinted("y") // want `package-level variable ErrHinted`

type faults struct{}

func (faults) New(string) faults    { return faults{} }
func (faults) Hinted(string) faults { return faults{} }
