// Command onex makes the tools and files of a project say what they are, and
// proves that they tell the truth.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/omninode-ai/onex/internal/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	status := cli.Main(ctx, os.Args[1:], cli.Process())
	stop()
	os.Exit(status)
}
