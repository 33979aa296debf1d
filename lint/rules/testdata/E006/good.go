package p

// ErrFine is fine.
var ErrFine = fault.New("ONEX_NODE_REGISTRY_101_FINE", fault.NotFound, "fine")

const env = "ONEX_BUS_1_URL=x"
