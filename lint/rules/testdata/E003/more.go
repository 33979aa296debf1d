package p

var ErrMore = fault.New("ONEX_CORE_001_MORE", fault.NotFound, "more") // want "has the number of ONEX_CORE_001_GONE in errors.go:4"

var ErrOther = fault.New("ONEX_CORE_002_OTHER", fault.NotFound, "other")
