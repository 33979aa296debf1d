package stamp_test

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/omninode-ai/onex/stamp"
)

// Decide, show, apply, check.
func Example() {
	dir, err := os.MkdirTemp("", "stamp")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	root, err := os.OpenRoot(dir)
	if err != nil {
		panic(err)
	}
	defer root.Close()
	for name, text := range map[string]string{
		"project.onex.yaml": "name: demo\nowner: Team\nauthor: Ann\ncopyright: Team\n",
		"hello.sh":          "#!/bin/sh\necho hello\n",
	} {
		if err := root.WriteFile(name, []byte(text), 0o644); err != nil {
			panic(err)
		}
	}

	ctx := context.Background()
	plan, err := stamp.Make(ctx, root, &stamp.Options{
		Now:     time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
		NewUUID: func() string { return "11111111-2222-4333-8444-555555555555" },
	})
	if err != nil {
		panic(err)
	}
	report, err := plan.Apply(ctx)
	fmt.Println(report.Status, report.Summary, err)

	_ = root.WriteFile("other.sh", []byte("echo\n"), 0o644)
	checked, err := stamp.Check(ctx, root, nil)
	fmt.Println(checked.OK(), checked.Summary, err)
	for _, f := range checked.Files {
		fmt.Println(f.State, f.Path)
	}
	// Output:
	// success map[add:1 skip:1] <nil>
	// false map[ok:1 skipped:1 unstamped:1] <nil>
	// unstamped other.sh
}
