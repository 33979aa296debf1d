// Package natsdtest ends the tests that run a server of package natsd:
//
//	func TestMain(m *testing.M) { natsdtest.VerifyMain(m) }
//
// The package is for tests only.
package natsdtest

import (
	"time"

	"go.uber.org/goleak"

	"github.com/omninode-ai/onex/internal/soon"
)

// VerifyMain runs the tests, and fails when goroutines outlive them.
//
// The embedded server lets nobody wait for some of its own: a stream that is deleted
// tells its flushStreamStateLoop to end and goes on, so VerifyMain gives them
// [soon.Patience]. What still runs then fails the tests, but for what is [Abandoned].
func VerifyMain(m goleak.TestingM) {
	goleak.VerifyTestMain(patient{m, soon.Patience}, Abandoned()...)
}

// Abandoned stands for the goroutines that the server leaves behind when it stops while it
// commits a batch: it keeps the batch on disk, so that its next start finishes it, and does
// not close the store of that (nats-server v2.15.2, processJetStreamAtomicBatchMsg in
// server/stream.go). A server that was not closed is found nevertheless, by its others.
func Abandoned() []goleak.Option {
	const server = "github.com/nats-io/nats-server/v2/server"
	var options []goleak.Option
	for _, top := range []string{".(*msgBlock).flushLoop", ".(*fileStore).flushStreamStateLoop", "/ats.Register.func1"} {
		options = append(options, goleak.IgnoreTopFunction(server+top))
	}
	return options
}

// A patient run of the tests waits for goroutines that end by themselves.
type patient struct {
	goleak.TestingM
	patience time.Duration
}

func (p patient) Run() int {
	code := p.TestingM.Run()
	for end := time.Now().Add(p.patience); code == 0 && goleak.Find(Abandoned()...) != nil && time.Now().Before(end); {
	}
	return code
}
