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

// TelemetryOperationSuccess says that a measured operation went well.
type TelemetryOperationSuccess struct {
	Operation       string  // required
	Function        string  // required
	ExecutionTimeMS float64 // required
	ResultType      string
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

func (TelemetryOperationStart) Kind() Kind   { return KindTelemetryOperationStart }
func (TelemetryOperationSuccess) Kind() Kind { return KindTelemetryOperationSuccess }
func (TelemetryOperationError) Kind() Kind   { return KindTelemetryOperationError }
func (StructuredLog) Kind() Kind             { return KindStructuredLog }

func (TelemetryOperationStart) payload()   {}
func (TelemetryOperationSuccess) payload() {}
func (TelemetryOperationError) payload()   {}
func (StructuredLog) payload()             {}
