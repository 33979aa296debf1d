// Package otlp sends traces and metrics to an OpenTelemetry collector: OTLP over
// HTTP, as JSON.
//
//	e, err := otlp.New(os.Getenv, &otlp.Options{Version: "1.2.3"})
//	if e != nil { // else nobody asked for it
//		defer e.Close(ctx)
//	}
//
// It is off until the environment says where to send (OTEL_EXPORTER_OTLP_ENDPOINT
// and its like); the variables are those of the OpenTelemetry specification.
// Other protocols than http/json are refused, not replaced.
//
// An [Exporter] is a trace.Recorder. Spans wait in a bounded queue and are sent
// in batches; what does not fit, or cannot be delivered after some attempts, is
// dropped and counted. Nothing in it waits in the way of an operation.
//
// Why not the OpenTelemetry SDK: docs/design/telemetry.md.
package otlp
