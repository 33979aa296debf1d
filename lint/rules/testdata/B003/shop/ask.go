package shop

import "testing"

var quiet = testing.Testing()
