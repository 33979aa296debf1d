package core

import (
	"fmt"

	"example.com/m/nodes/x" // want "layer core.*imports example.com/m/nodes/x .layer nodes. above it"
)
