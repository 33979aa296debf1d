package x

import "example.com/m/core"
