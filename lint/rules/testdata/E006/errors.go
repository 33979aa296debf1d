package p

// ErrGone is returned when it is gone.
var ErrGone = fault.New("ONEX_CORE_001_GONE", fault.NotFound, "gone").Hinted("look elsewhere")

// ErrOdd is odd.
var ErrOdd = fault.New("ONEX_CORE_1_odd", fault.NotFound, "odd") // want "is no error code"
