package shop

import "testing" // want "testing is for tests"

func Short() bool { return testing.Short() }
