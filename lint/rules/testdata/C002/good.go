package p

import (
	_ "embed"
	png "image/png"
)
