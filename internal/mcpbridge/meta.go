package mcpbridge

import (
	"strings"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/invoke"
	"github.com/omninode-ai/onex/node"
)

// Keys of _meta. What begins with onex/ is ours; traceparent is that of W3C
// trace context, as MCP has it (SEP-414).
const (
	metaPrefix      = "onex/"
	metaTimeout     = metaPrefix + "timeout_ms"
	metaKey         = metaPrefix + "idempotency_key"
	metaCorrelation = metaPrefix + "correlation_id"
	metaVersion     = metaPrefix + "tool_version"
	metaTrace       = "traceparent"

	metaIdempotency = metaPrefix + "idempotency"
	metaEffects     = metaPrefix + "effects"
	metaErrors      = metaPrefix + "errors"

	metaStatus   = metaPrefix + "status"
	metaDuration = metaPrefix + "duration_ms"
	metaError    = metaPrefix + "error"
)

// maxTimeout bounds how long a client may ask to wait; tools that take longer
// than a day cannot be promised either (see the contract's timeout_ms).
const maxTimeout = 24 * time.Hour

// apply sets what the metadata of a request says about a call.
func apply(meta mcp.Meta, call *invoke.Call) (err error) {
	for key, value := range meta {
		text, isText := value.(string)
		switch {
		case !strings.HasPrefix(key, metaPrefix):
		case key == metaTimeout:
			call.Timeout, err = timeout(value)
		case key == metaKey && isText && text != "":
			call.IdempotencyKey = text
		case key == metaVersion && isText:
			call.Version = text
		case key == metaCorrelation && isText:
			if call.Correlation, err = event.ParseID(text); err != nil {
				err = ErrMeta.Wrap(err, "%s", key)
			}
		default:
			err = ErrMeta.With("%s: %v", key, value)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// timeout reads a number of milliseconds. JSON numbers arrive as float64.
func timeout(value any) (time.Duration, error) {
	ms, ok := value.(float64)
	if !ok || ms < 1 || ms > float64(maxTimeout.Milliseconds()) {
		return 0, ErrMeta.With("%s: %v is not a number from 1 to %d", metaTimeout, value, maxTimeout.Milliseconds())
	}
	return time.Duration(ms * float64(time.Millisecond)), nil
}

// metaOf describes how a call ended, beside its result.
func metaOf(r invoke.Reply) mcp.Meta {
	m := mcp.Meta{metaStatus: string(r.Status), metaDuration: r.DurationMS}
	if r.CorrelationID != "" {
		m[metaCorrelation] = r.CorrelationID
	}
	return m
}

// refused is the reply to a call that was not made.
func refused(name node.ToolName, correlation event.ID, err error) invoke.Reply {
	report := fault.ReportOf(err)
	r := invoke.Reply{ToolName: name, Status: node.Failed, Error: &report}
	if !correlation.IsZero() {
		r.CorrelationID = correlation.String()
	}
	return r
}
