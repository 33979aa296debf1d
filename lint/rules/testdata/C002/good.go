package p

import (
	_ "embed"
	png "image/png"
	_ "unsafe" // for go:linkname
)
