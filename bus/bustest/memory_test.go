package bustest_test

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/bus/bustest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestMemory(t *testing.T) {
	bustest.Run(t, bustest.Backend{Name: "memory", Start: func(testing.TB) bustest.System {
		return bustest.System{Bus: bus.NewMemory(nil)}
	}})
}
