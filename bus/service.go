package bus

import "context"

// Services is implemented by buses whose transport has a protocol of its own by
// which programs that know nothing of ONEX find services and call them. NATS has
// one. A host offers its node there, beside announcing it to the registry.
type Services interface {
	// Offer makes s known and its endpoints callable. The function it returns
	// takes both back, and returns when the calls under way have been answered.
	// What is not taken back ends with the bus.
	Offer(ctx context.Context, s Service) (withdraw func(), err error)
}

// A Service is a node as it is shown to strangers.
type Service struct {
	Name        string // a node's name
	ID          string // of the instance
	Version     string // semantic
	Description string
	Metadata    map[string]string
	Endpoints   []Endpoint
}

// An Endpoint is a tool as it is shown to strangers.
type Endpoint struct {
	Name     string // a tool's name
	Metadata map[string]string

	// Call answers a request, both in JSON. Its error is told with its code. It is
	// called concurrently and bounds by itself how much it does at once.
	Call func(ctx context.Context, request []byte) ([]byte, error)
}
