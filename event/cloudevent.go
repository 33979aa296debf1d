package event

import (
	"net/url"
	"strings"
)

// How our names look in a CloudEvent. The type is a reversed domain name, the
// source a URI reference, as the specification wants them.
const (
	cloudSpec   = "1.0"
	cloudType   = "ai.omninode.onex."
	cloudSource = "/onex/nodes/"
)

// ToCloudEvent returns e as a CloudEvent 1.0 in structured JSON form, the
// content type of which is application/cloudevents+json. The metadata is its
// data; what CloudEvents has no attribute for are extension attributes. It
// fails as [Encode] does.
//
// Source: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md
func ToCloudEvent(e Event) ([]byte, error) {
	c := codec{mode: writing, out: append(make([]byte, 0, sizeHint(e)), '{'), extra: e.Extra}
	c.push("", 0)
	c.cloudEvent(&e)
	c.end()
	if c.whole(0); c.err != nil {
		return nil, c.err
	}
	return c.out, nil
}

// FromCloudEvent reads what ToCloudEvent writes, with the strictness of
// [Decode]. Attributes that are not ours are ignored, as the specification
// allows: intermediaries add their own. A CloudEvent without correlationid
// begins a correlation named like itself.
func FromCloudEvent(data []byte) (Event, error) {
	if err := check(data, 0); err != nil {
		return Event{}, err
	}
	c := codec{mode: reading, data: data}
	e := Event{SchemaVersion: SchemaVersion}
	if c.openRoot() {
		c.cloudEvent(&e)
	}
	if c.err != nil {
		return Event{}, c.err
	}
	e.Extra = c.extra
	return e, nil
}

func (c *codec) cloudEvent(e *Event) {
	spec, source, kind := cloudSpec, cloudSource+url.PathEscape(e.NodeID), cloudType+e.Kind().Token()
	c.some(e)
	text(c, "specversion", &spec, required)
	c.id("id", &e.ID, required)
	text(c, "source", &source, required)
	text(c, "type", &kind, required)
	c.time("time", &e.Time, required)
	c.constant("datacontenttype", "application/json")
	text(c, "schemaversion", &e.SchemaVersion, optional)
	c.id("correlationid", &e.Correlation, optional)
	c.id("causationid", &e.Causation, optional)
	text(c, "traceparent", &e.TraceParent, optional)
	c.version("schemaversion", e.SchemaVersion)
	if e.Correlation.IsZero() {
		e.Correlation = e.ID
	}
	k := c.cloudNames(e, spec, source, kind)
	if c.err == nil {
		e.Payload = c.metadata("data", k, e.Payload)
	}
}

// cloudNames checks the attributes that are derived from ours, and returns the
// kind.
func (c *codec) cloudNames(e *Event, spec, source, kind string) Kind {
	token, ours := strings.CutPrefix(kind, cloudType)
	k := Kind(strings.ToUpper(token))
	escaped, from := strings.CutPrefix(source, cloudSource)
	nodeID, err := url.PathUnescape(escaped)
	switch {
	case spec != cloudSpec:
		c.fail(ErrCloudEvent, "specversion", "%q is not %s", clip(spec), cloudSpec)
	case !ours || token != strings.ToLower(token) || !k.Valid():
		c.fail(ErrCloudEvent, "type", "%q is not %s and a kind in lower case", clip(kind), cloudType)
	case !from || err != nil || !validToken(nodeID):
		c.fail(ErrCloudEvent, "source", "%q is not %s and a node_id", clip(source), cloudSource)
	}
	e.NodeID = nodeID
	return k
}
