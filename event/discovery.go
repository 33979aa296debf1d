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

func (p NodeDiscoveryRequest) visit(c *codec) Payload {
	texts(c, "node_filter", &p.NodeFilter, optional)
	enums(c, "statuses", &p.Statuses, optional, statuses)
	c.flag("detail", &p.Detail, optional)
	return keep(c, p)
}

// NodeDiscoveryResponse answers [NodeDiscoveryRequest].
type NodeDiscoveryResponse struct {
	RegistryID string
	Nodes      []NodeEntry
}

func (p NodeDiscoveryResponse) visit(c *codec) Payload {
	text(c, "registry_id", &p.RegistryID, optional)
	for i := range list(c, "nodes", &p.Nodes, always) {
		c.item(i)
		p.Nodes[i].fields(c)
		c.end()
	}
	c.endList()
	return keep(c, p)
}

// ToolDiscoveryRequest asks a registry who offers a tool.
type ToolDiscoveryRequest struct {
	ToolName node.ToolName // empty means all
}

func (p ToolDiscoveryRequest) visit(c *codec) Payload {
	token(c, "tool_name", &p.ToolName, optional)
	return keep(c, p)
}

// ToolDiscoveryResponse answers [ToolDiscoveryRequest].
type ToolDiscoveryResponse struct {
	RegistryID string
	Tools      []ToolEntry
}

func (p ToolDiscoveryResponse) visit(c *codec) Payload {
	text(c, "registry_id", &p.RegistryID, optional)
	for i := range list(c, "tools", &p.Tools, always) {
		c.item(i)
		p.Tools[i].fields(c)
		c.end()
	}
	c.endList()
	return keep(c, p)
}

// IntrospectionRequest asks nodes to describe themselves.
type IntrospectionRequest struct {
	Types      []string // parts of the description that are wanted; empty means all
	NodeFilter []string // names or ids; empty means all
}

func (p IntrospectionRequest) visit(c *codec) Payload {
	texts(c, "introspection_types", &p.Types, optional)
	texts(c, "node_filter", &p.NodeFilter, optional)
	return keep(c, p)
}

// IntrospectionResponse answers [IntrospectionRequest].
type IntrospectionResponse struct {
	Introspection json.RawMessage // required
	ResponseTime  time.Time
	RequestID     ID // of the request's event
}

func (p IntrospectionResponse) visit(c *codec) Payload {
	c.raw("introspection", &p.Introspection, required)
	c.time("response_timestamp", &p.ResponseTime, optional)
	c.id("request_event_id", &p.RequestID, optional)
	return keep(c, p)
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
