package p

// ErrGone is returned when it is gone.
var ErrGone = fault.New("ONEX_CORE_001_GONE", fault.NotFound, "gone").Hinted("look elsewhere")
