// Package app is the one place where ONEX is put together: it finds the
// project, reads its configuration, opens the bus that the configuration
// names, and runs the daemon.
//
//	p, err := app.FindProject(dir, getenv)
//	cfg, err := app.Load(p, getenv, flags)
//	b, err := app.OpenBus(ctx, cfg, &app.BusOptions{...})
//	err := app.Up(ctx, cfg, &app.UpOptions{...})
//
// Only this package and tests know the backends of the bus; everything else
// sees bus.Bus.
package app
