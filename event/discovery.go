package event

import (
	"encoding/json"
	"time"

	"github.com/omninode-ai/onex/node"
)

// NodeDiscoveryRequest asks a registry which nodes there are.
type NodeDiscoveryRequest struct {
	NodeFilter []string      // names or ids; empty means all
	Statuses   []node.Status // empty means all
	Detail     bool          // with manifests, contracts and histories
}

// NodeDiscoveryResponse answers [NodeDiscoveryRequest].
type NodeDiscoveryResponse struct {
	RegistryID string
	Nodes      []NodeEntry
}

// ToolDiscoveryRequest asks a registry who offers a tool.
type ToolDiscoveryRequest struct {
	ToolName node.ToolName // empty means all
}

// ToolDiscoveryResponse answers [ToolDiscoveryRequest].
type ToolDiscoveryResponse struct {
	RegistryID string
	Tools      []ToolEntry
}

// IntrospectionRequest asks nodes to describe themselves.
type IntrospectionRequest struct {
	Types      []string // parts of the description that are wanted; empty means all
	NodeFilter []string // names or ids; empty means all
}

// IntrospectionResponse answers [IntrospectionRequest].
type IntrospectionResponse struct {
	Introspection json.RawMessage // required
	ResponseTime  time.Time
	RequestID     ID // of the request's event
}

func (NodeDiscoveryRequest) Kind() Kind  { return KindNodeDiscoveryRequest }
func (NodeDiscoveryResponse) Kind() Kind { return KindNodeDiscoveryResponse }
func (ToolDiscoveryRequest) Kind() Kind  { return KindToolDiscoveryRequest }
func (ToolDiscoveryResponse) Kind() Kind { return KindToolDiscoveryResponse }
func (IntrospectionRequest) Kind() Kind  { return KindIntrospectionRequest }
func (IntrospectionResponse) Kind() Kind { return KindIntrospectionResponse }

func (NodeDiscoveryRequest) payload()  {}
func (NodeDiscoveryResponse) payload() {}
func (ToolDiscoveryRequest) payload()  {}
func (ToolDiscoveryResponse) payload() {}
func (IntrospectionRequest) payload()  {}
func (IntrospectionResponse) payload() {}
