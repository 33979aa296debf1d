// Package telemetry lets a process say what it does: log lines, spans, metrics.
//
//	lg := telemetry.NewLogger(os.Stderr, &telemetry.LogOptions{Level: slog.LevelWarn})
//	detach := telemetry.Attach(lg, b, "onex", id) // from now on lines go to the bus, too
//	defer detach()
//
// # What is promised
//
// Redaction. What leaves here, by whatever way, went through package event's
// redaction: secrets by the name of the attribute that holds them, and by the form
// that they have in free text.
//
// No recursion. Buses, their server and whoever watches them log with
// [Local], whose lines go to standard error only: no line about the bus becomes an
// event on it. The bus tells of itself by diagnostics.
//
// Bounds. Nothing here waits for a bus, a collector or a disk in the way of the
// one who logs. Queues are bounded; what does not fit is dropped, counted, and
// the count is told.
//
// # Testing
//
// A [Logger] writes to any io.Writer, and [Attach] takes any bus.Bus; see the
// tests of this package.
package telemetry
