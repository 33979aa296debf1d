// Command onex makes the tools and files of a project say what they are, and
// proves that they tell the truth.
package main

import (
	"context"
	"os"

	"github.com/omninode-ai/onex/internal/cli"
)

func main() {
	ctx, stop := cli.Signals(context.Background())
	status := cli.Main(ctx, os.Args[1:], cli.Process())
	stop()
	os.Exit(status)
}
