package noblank

import (
	_ "embed"
	"fmt"
	_ "image/png" // want `blank import of image/png`
)

var _ fmt.Stringer
