package event

import (
	"encoding/json"
	"time"
)

// TelemetryOperationStart says that a measured operation begins.
type TelemetryOperationStart struct {
	Operation  string // required
	Function   string // required
	ArgsCount  int
	KwargsKeys []string // names of the arguments, never their values
}

func (p TelemetryOperationStart) visit(c *codec) Payload {
	text(c, "operation", &p.Operation, required)
	text(c, "function", &p.Function, required)
	integer(c, "args_count", &p.ArgsCount, optional)
	texts(c, "kwargs_keys", &p.KwargsKeys, optional)
	return keep(c, p)
}

// TelemetryOperationSuccess says that a measured operation went well.
type TelemetryOperationSuccess struct {
	Operation       string  // required
	Function        string  // required
	ExecutionTimeMS float64 // required
	ResultType      string
}

func (p TelemetryOperationSuccess) visit(c *codec) Payload {
	text(c, "operation", &p.Operation, required)
	text(c, "function", &p.Function, required)
	c.float("execution_time_ms", &p.ExecutionTimeMS, required)
	text(c, "result_type", &p.ResultType, optional)
	c.constantFlag("success", true)
	return keep(c, p)
}

// TelemetryOperationError says that a measured operation failed.
type TelemetryOperationError struct {
	Operation       string  // required
	Function        string  // required
	ExecutionTimeMS float64 // required
	ErrorType       string  // required
	ErrorMessage    string  // required
	Recoverable     bool
}

func (p TelemetryOperationError) visit(c *codec) Payload {
	text(c, "operation", &p.Operation, required)
	text(c, "function", &p.Function, required)
	c.float("execution_time_ms", &p.ExecutionTimeMS, required)
	text(c, "error_type", &p.ErrorType, required)
	text(c, "error_message", &p.ErrorMessage, required)
	c.constantFlag("success", false)
	c.flag("recoverable", &p.Recoverable, optional)
	return keep(c, p)
}

// A LogLevel is how much a log entry matters.
type LogLevel string

// The levels, least important first.
const (
	LevelTrace    LogLevel = "trace"
	LevelDebug    LogLevel = "debug"
	LevelInfo     LogLevel = "info"
	LevelWarning  LogLevel = "warning"
	LevelError    LogLevel = "error"
	LevelCritical LogLevel = "critical"
)

// StructuredLog is one log entry.
type StructuredLog struct {
	Level      LogLevel // required
	Message    string   // required
	Code       string
	Details    string
	Context    LogContext
	Attributes json.RawMessage // a JSON object: what the caller logged beside the message
}

// A LogContext says where a log entry comes from.
type LogContext struct {
	Module      string
	Function    string
	Line        int
	Time        time.Time
	NodeID      string
	Correlation ID
}

func (p StructuredLog) visit(c *codec) Payload {
	enum(c, "level", &p.Level, required, logLevels)
	text(c, "message", &p.Message, required)
	text(c, "code", &p.Code, optional)
	text(c, "details", &p.Details, optional)
	if c.begin("context", p.Context != LogContext{}) {
		p.Context.fields(c)
		c.end()
	}
	c.object("attributes", &p.Attributes, optional)
	return keep(c, p)
}

func (p *LogContext) fields(c *codec) {
	text(c, "calling_module", &p.Module, optional)
	text(c, "calling_function", &p.Function, optional)
	integer(c, "calling_line", &p.Line, optional)
	c.time("timestamp", &p.Time, optional)
	text(c, "node_id", &p.NodeID, optional)
	c.id("correlation_id", &p.Correlation, optional)
}

func (TelemetryOperationStart) Kind() Kind   { return KindTelemetryOperationStart }
func (TelemetryOperationSuccess) Kind() Kind { return KindTelemetryOperationSuccess }
func (TelemetryOperationError) Kind() Kind   { return KindTelemetryOperationError }
func (StructuredLog) Kind() Kind             { return KindStructuredLog }

func (TelemetryOperationStart) payload()   {}
func (TelemetryOperationSuccess) payload() {}
func (TelemetryOperationError) payload()   {}
func (StructuredLog) payload()             {}
