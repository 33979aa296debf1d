//go:build unix

package main

import (
	"context"
	"encoding/json"
	"runtime"
	"strings"
	"time"

	"github.com/omninode-ai/onex/event"
)

// plainEvent is TOOL_PROXY_INVOKE as encoding/json has it.
type plainEvent struct {
	SchemaVersion string    `json:"schema_version"`
	ID            event.ID  `json:"event_id"`
	Time          time.Time `json:"timestamp"`
	NodeID        string    `json:"node_id"`
	Kind          string    `json:"event_type"`
	Correlation   event.ID  `json:"correlation_id"`
	Causation     event.ID  `json:"causation_id,omitzero"`
	TraceParent   string    `json:"traceparent,omitempty"`
	Payload       struct {
		ToolName       string          `json:"tool_name"`
		Arguments      json.RawMessage `json:"arguments"`
		TimeoutMS      int64           `json:"timeout_ms,omitempty"`
		RequestTime    time.Time       `json:"request_ts,omitzero"`
		Policy         string          `json:"node_selection_policy,omitempty"`
		IdempotencyKey string          `json:"idempotency_key,omitempty"`
	} `json:"metadata"`
}

// codec compares processor time, which is steadier than the clock.
func codec() ([]table, error) {
	e := event.New("tester-1", event.ToolProxyInvoke{ToolName: "greet", Arguments: json.RawMessage(`{"name":"Ada"}`), TimeoutMS: 5000}, event.ID{})
	data, err := event.Encode(e)
	if err != nil {
		return nil, err
	}
	var p plainEvent
	if err := json.Unmarshal(data, &p); err != nil {
		return nil, err
	}
	var buf []byte
	unit := "processor ns"
	return []table{
		{title: "encode " + strings.TrimSpace(e.Kind().Token()), unit: unit, contenders: []contender{
			{"event.AppendTo", timed(func() (err error) { buf, err = event.AppendTo(buf[:0], e); return err })},
			{"encoding/json", timed(func() error { _, err := json.Marshal(p); return err })},
		}},
		{title: "decode and validate", unit: unit, contenders: []contender{
			{"event.Decode", timed(func() error { _, err := event.Decode(data); return err })},
			{"encoding/json", timed(func() error { var p plainEvent; return json.Unmarshal(data, &p) })},
		}},
		{title: "check without encoding", unit: unit, contenders: []contender{
			{"event.Measure", timed(func() error { _, err := event.Measure(e); return err })},
			{"event.AppendTo", timed(func() (err error) { buf, err = event.AppendTo(buf[:0], e); return err })},
		}},
	}, nil
}

// timed returns the processor time of one call of f, in nanoseconds.
func timed(f func() error) func(context.Context) (float64, error) {
	return func(context.Context) (float64, error) {
		const calls = 20_000
		runtime.GC()
		began := cpu()
		for range calls {
			if err := f(); err != nil {
				return 0, err
			}
		}
		return float64((cpu() - began).Nanoseconds()) / calls, nil
	}
}
