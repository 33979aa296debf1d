package p

// What can happen.
var (
	// ErrA is a.
	ErrA = fault.New("ONEX_CORE_003_A", fault.NotFound, "a")
)
