package shoptest

import "testing"

func Kit(t *testing.T) {}
