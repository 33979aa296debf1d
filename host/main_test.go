package host_test

import (
	"context"
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/omninode-ai/onex/host"
)

// hostOf names a directory whose tool the test binary calls, as a process of
// its own that a test can kill.
const hostOf = "HOST_TEST_DIRECTORY"

func TestMain(m *testing.M) {
	if dir := os.Getenv(hostOf); dir != "" {
		h, err := host.Load(context.Background(), dir, nil)
		if err != nil {
			panic(err)
		}
		h.Call(context.Background(), h.Contract().Tools[0].Name, nil)
		return
	}
	goleak.VerifyTestMain(m)
}
