package event

import (
	"maps"
	"slices"
	"strings"
)

// A Kind is the type of an event: NODE_ANNOUNCE, TOOL_PROXY_INVOKE and so on.
// The set grows; unknown kinds survive a round trip as [Raw].
type Kind string

// MaxKind bounds the bytes of a kind, which is a token of bus subjects.
const MaxKind = 64

// The kinds. Each has the payload struct of the same name.
const (
	// A node's run of its own work, outside the tool proxy.
	KindNodeStart    Kind = "NODE_START"
	KindNodeSuccess  Kind = "NODE_SUCCESS"
	KindNodeFailure  Kind = "NODE_FAILURE"
	KindNodeRegister Kind = "NODE_REGISTER"

	// Nodes and the registry.
	KindNodeAnnounce          Kind = "NODE_ANNOUNCE"
	KindNodeAnnounceAccepted  Kind = "NODE_ANNOUNCE_ACCEPTED"
	KindNodeAnnounceRejected  Kind = "NODE_ANNOUNCE_REJECTED"
	KindNodeHeartbeat         Kind = "NODE_HEARTBEAT"
	KindNodeStopped           Kind = "NODE_STOPPED"
	KindNodeSuspect           Kind = "NODE_SUSPECT"
	KindNodeDead              Kind = "NODE_DEAD"
	KindNodeRejoined          Kind = "NODE_REJOINED"
	KindNodeResourceUpdated   Kind = "NODE_RESOURCE_UPDATED"
	KindNodeDiscoveryRequest  Kind = "NODE_DISCOVERY_REQUEST"
	KindNodeDiscoveryResponse Kind = "NODE_DISCOVERY_RESPONSE"
	KindToolDiscoveryRequest  Kind = "TOOL_DISCOVERY_REQUEST"
	KindToolDiscoveryResponse Kind = "TOOL_DISCOVERY_RESPONSE"
	KindIntrospectionRequest  Kind = "INTROSPECTION_REQUEST"
	KindIntrospectionResponse Kind = "INTROSPECTION_RESPONSE"

	// Calls of tools.
	KindToolProxyInvoke   Kind = "TOOL_PROXY_INVOKE"
	KindToolProxyAccepted Kind = "TOOL_PROXY_ACCEPTED"
	KindToolProxyRejected Kind = "TOOL_PROXY_REJECTED"
	KindToolProxyResult   Kind = "TOOL_PROXY_RESULT"
	KindToolProxyError    Kind = "TOOL_PROXY_ERROR"
	KindToolProxyTimeout  Kind = "TOOL_PROXY_TIMEOUT"
	KindCallClaimRequest  Kind = "CALL_CLAIM_REQUEST"
	KindCallClaimResponse Kind = "CALL_CLAIM_RESPONSE"
	KindToolProxyProgress Kind = "TOOL_PROXY_PROGRESS"

	// Leases of ports.
	KindPortRequest   Kind = "PORT_REQUEST"
	KindPortAllocated Kind = "PORT_ALLOCATED"
	KindPortRenewed   Kind = "PORT_RENEWED"
	KindPortReleased  Kind = "PORT_RELEASED"
	KindPortExpired   Kind = "PORT_EXPIRED"
	KindPortRejected  Kind = "PORT_REJECTED"

	KindPortDiscoveryRequest  Kind = "PORT_DISCOVERY_REQUEST"
	KindPortDiscoveryResponse Kind = "PORT_DISCOVERY_RESPONSE"

	// Scenarios and parity.
	KindScenarioStarted Kind = "SCENARIO_STARTED"
	KindScenarioPassed  Kind = "SCENARIO_PASSED"
	KindScenarioFailed  Kind = "SCENARIO_FAILED"
	KindScenarioSummary Kind = "SCENARIO_SUMMARY"

	// Telemetry and logs.
	KindTelemetryOperationStart   Kind = "TELEMETRY_OPERATION_START"
	KindTelemetryOperationSuccess Kind = "TELEMETRY_OPERATION_SUCCESS"
	KindTelemetryOperationError   Kind = "TELEMETRY_OPERATION_ERROR"
	KindStructuredLog             Kind = "STRUCTURED_LOG"

	// What the bus says of itself.
	KindBusStarted              Kind = "BUS_STARTED"
	KindBusStopped              Kind = "BUS_STOPPED"
	KindBusBound                Kind = "BUS_BOUND"
	KindBusConnected            Kind = "BUS_CONNECTED"
	KindBusDisconnected         Kind = "BUS_DISCONNECTED"
	KindBusReconnected          Kind = "BUS_RECONNECTED"
	KindBusError                Kind = "BUS_ERROR"
	KindBusPing                 Kind = "BUS_PING"
	KindBusPong                 Kind = "BUS_PONG"
	KindEventUnheard            Kind = "EVENT_UNHEARD"
	KindEventPublished          Kind = "EVENT_PUBLISHED"
	KindEventReceived           Kind = "EVENT_RECEIVED"
	KindEventDropped            Kind = "EVENT_DROPPED"
	KindEventInvalidSchema      Kind = "EVENT_INVALID_SCHEMA"
	KindEventRetry              Kind = "EVENT_RETRY"
	KindEventRetryLimitExceeded Kind = "EVENT_RETRY_LIMIT_EXCEEDED"
	KindEventBackpressure       Kind = "EVENT_BACKPRESSURE"
	KindEventSubscriberSlow     Kind = "EVENT_SUBSCRIBER_SLOW"
	KindEventReplayRequested    Kind = "EVENT_REPLAY_REQUESTED"
	KindEventReplayDelivered    Kind = "EVENT_REPLAY_DELIVERED"
	KindEventReplayFailed       Kind = "EVENT_REPLAY_FAILED"
)

// durable has every kind that this version knows, and whether a store that can
// keep events keeps it: what one would want to read tomorrow to learn what
// happened. The others are worth nothing once they are old, or so many that
// keeping them would cost the rest their place.
var durable = map[Kind]bool{
	KindNodeStart:            true,
	KindNodeSuccess:          true,
	KindNodeFailure:          true,
	KindNodeRegister:         true,
	KindNodeAnnounce:         true,
	KindNodeAnnounceAccepted: true,
	KindNodeAnnounceRejected: true,
	KindNodeStopped:          true,
	KindNodeSuspect:          true,
	KindNodeDead:             true,
	KindNodeRejoined:         true,
	KindToolProxyInvoke:      true,
	KindToolProxyAccepted:    true,
	KindToolProxyRejected:    true,
	KindToolProxyResult:      true,
	KindToolProxyError:       true,
	KindToolProxyTimeout:     true,
	KindPortAllocated:        true,
	KindPortRenewed:          true,
	KindPortReleased:         true,
	KindPortExpired:          true,
	KindPortRejected:         true,
	KindScenarioStarted:      true,
	KindScenarioPassed:       true,
	KindScenarioFailed:       true,
	KindScenarioSummary:      true,

	KindNodeHeartbeat:             false,
	KindNodeResourceUpdated:       false,
	KindToolProxyProgress:         false,
	KindNodeDiscoveryRequest:      false,
	KindNodeDiscoveryResponse:     false,
	KindToolDiscoveryRequest:      false,
	KindToolDiscoveryResponse:     false,
	KindIntrospectionRequest:      false,
	KindIntrospectionResponse:     false,
	KindCallClaimRequest:          false,
	KindCallClaimResponse:         false,
	KindPortRequest:               false,
	KindPortDiscoveryRequest:      false,
	KindPortDiscoveryResponse:     false,
	KindTelemetryOperationStart:   false,
	KindTelemetryOperationSuccess: false,
	KindTelemetryOperationError:   false,
	KindStructuredLog:             false,
	KindBusStarted:                false,
	KindBusStopped:                false,
	KindBusBound:                  false,
	KindBusConnected:              false,
	KindBusDisconnected:           false,
	KindBusReconnected:            false,
	KindBusError:                  false,
	KindBusPing:                   false,
	KindBusPong:                   false,
	KindEventUnheard:              false,
	KindEventPublished:            false,
	KindEventReceived:             false,
	KindEventDropped:              false,
	KindEventInvalidSchema:        false,
	KindEventRetry:                false,
	KindEventRetryLimitExceeded:   false,
	KindEventBackpressure:         false,
	KindEventSubscriberSlow:       false,
	KindEventReplayRequested:      false,
	KindEventReplayDelivered:      false,
	KindEventReplayFailed:         false,
}

// Kinds returns every kind that this version knows, sorted.
func Kinds() []Kind {
	return slices.Sorted(maps.Keys(durable))
}

// known reports whether this version has a payload struct for k.
func (k Kind) known() bool {
	_, ok := durable[k]
	return ok
}

// Durable reports whether undirected events of kind k are kept by a store that
// can keep events. Kinds that this version does not know are not. An event
// directed to one receiver is never durable, whatever its kind.
func (k Kind) Durable() bool { return durable[k] }

// Diagnostic reports whether events of kind k are what a bus says of itself. What
// becomes of a diagnostic is never told by another.
func (k Kind) Diagnostic() bool {
	return strings.HasPrefix(string(k), "BUS_") || strings.HasPrefix(string(k), "EVENT_")
}

// Token returns k as it appears in a [Subject]: in lower case.
func (k Kind) Token() string { return strings.ToLower(string(k)) }

// Valid reports whether k has the form of a kind: upper-case letters, digits
// and underscores, beginning with a letter, at most [MaxKind] bytes.
func (k Kind) Valid() bool {
	if k == "" || len(k) > MaxKind || k[0] < 'A' || k[0] > 'Z' {
		return false
	}
	for i := range len(k) {
		if c := k[i]; c != '_' && (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}
