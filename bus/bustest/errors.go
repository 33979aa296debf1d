package bustest

import "github.com/omninode-ai/onex/fault"

// ErrCase is the code in the event that reports a case of the conformance suite
// which a bus failed. The bus does not keep what it promises: read why the case
// matters, and the journal printed with it.
var ErrCase = fault.New("ONEX_BUS_019_NOT_CONFORMING", fault.Internal, "the bus does not keep its contract").
	Hinted("run the case alone: go test -run 'TestConformance/<case>' with the backend's package")
