package event

import "strings"

// event visits the envelope. The frame of the envelope is number 0.
func (c *codec) event(e *Event) {
	kind := e.Kind()
	if c.mode <= writing && usual(e, kind) {
		if c.mode == measuring {
			c.size += len(longestEnvelope) + len(e.NodeID) + len(kind) + len(e.TraceParent)
		} else {
			c.out = appendEnvelope(c.out, e, kind)
		}
		c.metadata("metadata", kind, e.Payload)
		c.end()
		return
	}
	c.some(e)
	text(c, "schema_version", &e.SchemaVersion, required)
	c.id("event_id", &e.ID, required)
	c.time("timestamp", &e.Time, required)
	token(c, "node_id", &e.NodeID, required)
	text(c, "event_type", &kind, required)
	c.id("correlation_id", &e.Correlation, required)
	c.id("causation_id", &e.Causation, optional)
	text(c, "traceparent", &e.TraceParent, optional)
	c.version("schema_version", e.SchemaVersion)
	if c.err == nil {
		e.Payload = c.metadata("metadata", kind, e.Payload)
	}
	c.end()
}

// some notes that an event to be written has no payload.
func (c *codec) some(e *Event) {
	if c.mode <= writing && e.Payload == nil {
		c.fail(ErrPayload, "metadata", "there is none")
	}
}

// version notes a major version other than ours.
func (c *codec) version(name, v string) {
	if v == SchemaVersion {
		return
	}
	major, rest, ok := strings.Cut(v, ".")
	minor, patch, ok2 := strings.Cut(rest, ".")
	_, okMajor := number(major)
	_, okMinor := number(minor)
	_, okPatch := number(patch)
	switch {
	case c.err != nil:
	case !ok || !ok2 || !okMajor || !okMinor || !okPatch || len(v) > 32:
		c.fail(ErrValue, name, "%q is not of the form %s", clip(v), SchemaVersion)
	case major != "1":
		c.fail(ErrVersion, name, "%q", v)
	}
}

// metadata visits the payload, which the envelope calls name.
func (c *codec) metadata(name string, k Kind, p Payload) Payload {
	if raw, ok := p.(Raw); ok || p == nil && !k.known() {
		raw.Type = k
		return c.unknown(name, raw)
	}
	if !c.begin(name, true) {
		c.missing(name)
		return nil
	}
	read := c.payload(k, p)
	c.end()
	return read
}

// unknown visits the payload of a kind that has no struct.
func (c *codec) unknown(name string, p Raw) Payload {
	switch k := p.Type; {
	case !k.Valid():
		c.fail(ErrValue, "event_type", "%q is not upper-case letters, digits and _, at most %d bytes", clip(string(k)), MaxKind)
	case k.known():
		c.fail(ErrPayload, name, "Raw for the known kind %s", k)
	}
	c.object(name, &p.Data, required)
	return keep(c, p)
}

// keep returns the payload that a visit leaves behind. When writing nobody
// wants it, and making an interface of it would cost an allocation.
func keep[P Payload](c *codec, p P) Payload {
	if c.mode <= writing {
		return nil
	}
	return p
}

// as returns p as the struct of its kind. When reading there is none yet.
func as[P Payload](c *codec, p Payload) P {
	own, ok := p.(P)
	if !ok && p != nil {
		c.fail(ErrPayload, "", "%T, want the struct %T", p, own)
	}
	return own
}

// payload visits the payload p of kind k, which is nil when reading. This is
// the one place that says which struct a kind has.
func (c *codec) payload(k Kind, p Payload) Payload {
	switch k {
	case KindBusStarted:
		return as[BusStarted](c, p).visit(c)
	case KindBusBound:
		return as[BusBound](c, p).visit(c)
	case KindBusConnected:
		return as[BusConnected](c, p).visit(c)
	case KindBusDisconnected:
		return as[BusDisconnected](c, p).visit(c)
	case KindBusReconnected:
		return as[BusReconnected](c, p).visit(c)
	case KindBusError:
		return as[BusError](c, p).visit(c)
	case KindBusPing:
		return as[BusPing](c, p).visit(c)
	case KindBusPong:
		return as[BusPong](c, p).visit(c)
	case KindEventUnheard:
		return as[EventUnheard](c, p).visit(c)
	case KindBusStopped:
		return as[BusStopped](c, p).visit(c)
	case KindEventBackpressure:
		return as[EventBackpressure](c, p).visit(c)
	case KindEventDropped:
		return as[EventDropped](c, p).visit(c)
	case KindEventInvalidSchema:
		return as[EventInvalidSchema](c, p).visit(c)
	case KindEventPublished:
		return as[EventPublished](c, p).visit(c)
	case KindEventReceived:
		return as[EventReceived](c, p).visit(c)
	case KindEventReplayDelivered:
		return as[EventReplayDelivered](c, p).visit(c)
	case KindEventReplayFailed:
		return as[EventReplayFailed](c, p).visit(c)
	case KindEventReplayRequested:
		return as[EventReplayRequested](c, p).visit(c)
	case KindEventRetry:
		return as[EventRetry](c, p).visit(c)
	case KindEventRetryLimitExceeded:
		return as[EventRetryLimitExceeded](c, p).visit(c)
	case KindEventSubscriberSlow:
		return as[EventSubscriberSlow](c, p).visit(c)
	case KindIntrospectionRequest:
		return as[IntrospectionRequest](c, p).visit(c)
	case KindIntrospectionResponse:
		return as[IntrospectionResponse](c, p).visit(c)
	case KindCallClaimRequest:
		return as[CallClaimRequest](c, p).visit(c)
	case KindCallClaimResponse:
		return as[CallClaimResponse](c, p).visit(c)
	case KindNodeAnnounce:
		return as[NodeAnnounce](c, p).visit(c)
	case KindNodeAnnounceAccepted:
		return as[NodeAnnounceAccepted](c, p).visit(c)
	case KindNodeAnnounceRejected:
		return as[NodeAnnounceRejected](c, p).visit(c)
	case KindNodeDead:
		return as[NodeDead](c, p).visit(c)
	case KindNodeDiscoveryRequest:
		return as[NodeDiscoveryRequest](c, p).visit(c)
	case KindNodeDiscoveryResponse:
		return as[NodeDiscoveryResponse](c, p).visit(c)
	case KindNodeFailure:
		return as[NodeFailure](c, p).visit(c)
	case KindNodeHeartbeat:
		return as[NodeHeartbeat](c, p).visit(c)
	case KindNodeRegister:
		return as[NodeRegister](c, p).visit(c)
	case KindNodeRejoined:
		return as[NodeRejoined](c, p).visit(c)
	case KindNodeResourceUpdated:
		return as[NodeResourceUpdated](c, p).visit(c)
	case KindNodeStart:
		return as[NodeStart](c, p).visit(c)
	case KindNodeStopped:
		return as[NodeStopped](c, p).visit(c)
	case KindNodeSuccess:
		return as[NodeSuccess](c, p).visit(c)
	case KindNodeSuspect:
		return as[NodeSuspect](c, p).visit(c)
	case KindPortAllocated:
		return as[PortAllocated](c, p).visit(c)
	case KindPortDiscoveryRequest:
		return as[PortDiscoveryRequest](c, p).visit(c)
	case KindPortDiscoveryResponse:
		return as[PortDiscoveryResponse](c, p).visit(c)
	case KindPortExpired:
		return as[PortExpired](c, p).visit(c)
	case KindPortRejected:
		return as[PortRejected](c, p).visit(c)
	case KindPortReleased:
		return as[PortReleased](c, p).visit(c)
	case KindPortRenewed:
		return as[PortRenewed](c, p).visit(c)
	case KindPortRequest:
		return as[PortRequest](c, p).visit(c)
	case KindScenarioFailed:
		return as[ScenarioFailed](c, p).visit(c)
	case KindScenarioPassed:
		return as[ScenarioPassed](c, p).visit(c)
	case KindScenarioStarted:
		return as[ScenarioStarted](c, p).visit(c)
	case KindScenarioSummary:
		return as[ScenarioSummary](c, p).visit(c)
	case KindStructuredLog:
		return as[StructuredLog](c, p).visit(c)
	case KindTelemetryOperationError:
		return as[TelemetryOperationError](c, p).visit(c)
	case KindTelemetryOperationStart:
		return as[TelemetryOperationStart](c, p).visit(c)
	case KindTelemetryOperationSuccess:
		return as[TelemetryOperationSuccess](c, p).visit(c)
	case KindToolDiscoveryRequest:
		return as[ToolDiscoveryRequest](c, p).visit(c)
	case KindToolDiscoveryResponse:
		return as[ToolDiscoveryResponse](c, p).visit(c)
	case KindToolProxyAccepted:
		return as[ToolProxyAccepted](c, p).visit(c)
	case KindToolProxyError:
		return as[ToolProxyError](c, p).visit(c)
	case KindToolProxyInvoke:
		return as[ToolProxyInvoke](c, p).visit(c)
	case KindToolProxyRejected:
		return as[ToolProxyRejected](c, p).visit(c)
	case KindToolProxyResult:
		return as[ToolProxyResult](c, p).visit(c)
	case KindToolProxyTimeout:
		return as[ToolProxyTimeout](c, p).visit(c)
	case KindToolProxyProgress:
		return as[ToolProxyProgress](c, p).visit(c)
	}
	return nil
}
