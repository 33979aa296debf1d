package p

// ErrGone is returned when it is gone.
var ErrGone = fault.New("ONEX_CORE_001_GONE", fault.NotFound, "gone").Hinted("look elsewhere")

// ErrNever is never returned.
var ErrNever = fault.New("ONEX_CORE_002_NEVER", fault.NotFound, "never") // want "nothing uses ErrNever"
