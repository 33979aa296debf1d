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

// apartOf is the argument with which the test binary is a process that leaves its
// process group; a file for its number follows.
const apartOf = "leave-the-group"

func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == apartOf {
		apart(os.Args[2])
		return
	}
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
