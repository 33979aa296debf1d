package noblank

import (
	_ "embed"
	"fmt"
	_ "unicode/utf8" // want `blank import of unicode/utf8`
)

var _ fmt.Stringer
