package event_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/node"
)

// payloads has the zero value of every payload struct. TestEveryKind checks
// that none is missing.
var payloads = []event.Payload{
	event.NodeStart{}, event.NodeSuccess{}, event.NodeFailure{}, event.NodeRegister{},
	event.NodeAnnounce{}, event.NodeAnnounceAccepted{}, event.NodeAnnounceRejected{},
	event.NodeHeartbeat{}, event.NodeStopped{}, event.NodeSuspect{}, event.NodeDead{}, event.NodeRejoined{},
	event.NodeDiscoveryRequest{}, event.NodeDiscoveryResponse{},
	event.ToolDiscoveryRequest{}, event.ToolDiscoveryResponse{},
	event.IntrospectionRequest{}, event.IntrospectionResponse{},
	event.ToolProxyInvoke{}, event.ToolProxyAccepted{}, event.ToolProxyRejected{},
	event.ToolProxyResult{}, event.ToolProxyError{}, event.ToolProxyTimeout{}, event.ToolProxyProgress{}, event.NodeResourceUpdated{},
	event.CallClaimRequest{}, event.CallClaimResponse{},
	event.PortRequest{}, event.PortAllocated{}, event.PortRenewed{}, event.PortReleased{},
	event.PortExpired{}, event.PortRejected{}, event.PortDiscoveryRequest{}, event.PortDiscoveryResponse{},
	event.ScenarioStarted{}, event.ScenarioPassed{}, event.ScenarioFailed{}, event.ScenarioSummary{},
	event.TelemetryOperationStart{}, event.TelemetryOperationSuccess{}, event.TelemetryOperationError{},
	event.StructuredLog{},
	event.BusStarted{}, event.BusStopped{}, event.BusBound{}, event.BusConnected{}, event.BusDisconnected{}, event.BusReconnected{}, event.BusError{}, event.BusPing{}, event.BusPong{}, event.EventUnheard{},
	event.EventPublished{}, event.EventReceived{},
	event.EventDropped{}, event.EventInvalidSchema{}, event.EventRetry{}, event.EventRetryLimitExceeded{},
	event.EventBackpressure{}, event.EventSubscriberSlow{},
	event.EventReplayRequested{}, event.EventReplayDelivered{}, event.EventReplayFailed{},
}

var (
	someID    = mustID("0197a3c0-5f00-7abc-8def-001122334455")
	causeID   = mustID("0197a3c0-5f00-7abc-8def-0011223344aa")
	someTime  = time.Date(2026, 11, 22, 9, 52, 6, 129238000, time.UTC)
	someNode  = "5a0f2e7c-9d1b-4c3e-8f60-112233445566"
	traceText = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
)

func mustID(s string) event.ID {
	id, err := event.ParseID(s)
	if err != nil {
		panic(err)
	}
	return id
}

// wrap puts p into an envelope in which nothing depends on the time of day.
func wrap(p event.Payload) event.Event {
	return event.Event{
		SchemaVersion: event.SchemaVersion, ID: someID, Time: someTime, NodeID: someNode,
		Correlation: someID, Payload: p,
	}
}

// full returns an event with every field set, and every field of p too.
func full(p event.Payload) event.Event {
	v := reflect.New(reflect.TypeOf(p)).Elem()
	(&filler{}).fill(v, "")
	e := wrap(v.Interface().(event.Payload))
	e.Causation, e.TraceParent = causeID, traceText
	return e
}

// A filler sets every field below a value to something that is not zero and, as
// far as the type allows, different from the others. So a field that does not
// reach the wire is noticed.
type filler struct{ n int }

func (f *filler) fill(v reflect.Value, field string) {
	f.n++
	if set, ok := samples[v.Type()]; ok {
		v.Set(reflect.ValueOf(set))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprintf("%s_%d", field, f.n))
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(f.n))
	case reflect.Uint64:
		v.SetUint(uint64(f.n))
	case reflect.Float64:
		v.SetFloat(float64(f.n) + 0.25)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		f.fill(v.Elem(), field)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			f.fill(v.Index(i), field)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			f.fill(v.Field(i), v.Type().Field(i).Name)
		}
	default:
		panic("filler: " + v.Type().String())
	}
}

// samples has the values of types that cannot hold just anything.
var samples = sampleTable(
	json.RawMessage(`{"text":"<a> & \u00e9 \ud83d\ude00","n":[1.50,-0,1e3,null,true]}`),
	someID, someTime, 1500*time.Millisecond,
	node.Online, node.Trusted, node.Exec, node.Fixed,
	event.AnnounceOnline, event.ModeContainer, event.PolicyLeastLoaded, event.PortRenew, event.UDP, event.ClaimComplete, event.ClaimCompleted, event.LevelWarning,
	event.KindToolProxyResult, event.Subject("node_heartbeat.greeter"), event.Filter("node_heartbeat.*"),
	fault.Report{Code: "ONEX_CORE_081_OPERATION_FAILED", Class: fault.Internal, Message: "it broke",
		Details: map[string]string{"where": "here", "a": "b"}, Hint: "try again"},
	node.Manifest{Name: "greeter", Version: "1.2.3", Description: "says <hello> & more", Runtime: node.Go},
	node.Contract{ContractVersion: "1.0.0", Node: "greeter", Version: "1.2.3", Tools: []node.Tool{greet}},
	greet,
)

var greet = node.Tool{
	Name:        "greet",
	Description: "greets",
	Input:       json.RawMessage(`{"type":"object","properties":{"name":{"type":"string"}}}`),
	Output:      json.RawMessage(`{"type":"object"}`),
	Idempotency: node.Pure,
	Examples: []node.Scenario{{
		Name: "ada", Input: json.RawMessage(`{"name":"Ada"}`), Output: json.RawMessage(`{"text":"hello Ada"}`),
		Status: node.Success,
	}},
}

func sampleTable(values ...any) map[reflect.Type]any {
	m := map[reflect.Type]any{}
	for _, v := range values {
		m[reflect.TypeOf(v)] = v
	}
	return m
}

func encode(t *testing.T, e event.Event) string {
	t.Helper()
	data, err := event.Encode(e)
	if err != nil {
		t.Fatalf("encode %s: %v", e.Kind(), err)
	}
	return string(data)
}

func decode(t *testing.T, data string) event.Event {
	t.Helper()
	e, err := event.Decode([]byte(data))
	if err != nil {
		t.Fatalf("decode: %v\n%s", err, data)
	}
	return e
}
