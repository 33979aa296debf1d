package x

import "os"

var a = os.Args
