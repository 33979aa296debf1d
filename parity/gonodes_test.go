package parity_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/omninode-ai/onex/bus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/node"
)

type in struct {
	Text string `json:"text,omitempty"`
}

type out struct {
	Text string `json:"text"`
}

// warned is a result that ends with a warning.
type warned struct{ out }

func (warned) ResultStatus() node.Result { return node.Warning }

var errEmpty = fault.New("ONEX_EXAMPLE_001_EMPTY", fault.Invalid, "the text is empty")

func example(input, output string) node.Scenario {
	return node.Scenario{Input: json.RawMessage(input), Output: json.RawMessage(output)}
}

// a node in Go with one tool.
func tool[Out any](name node.Name, f func(context.Context, in) (Out, error), o host.ToolOptions) func(bus.Bus, *host.Options) *host.Host {
	return func(_ bus.Bus, options *host.Options) *host.Host {
		h := host.New(node.Manifest{Name: name, Version: "1.0.0"}, options)
		o.Idempotency = node.Pure
		host.Handle(h, node.ToolName(name), "does something", f, &o)
		return h
	}
}

// telling is a node that publishes an event of its own with each call.
func telling(name node.Name, effects ...node.Effect) func(bus.Bus, *host.Options) *host.Host {
	return func(b bus.Bus, options *host.Options) *host.Host {
		var h *host.Host
		tell := func(ctx context.Context, _ in) (out, error) {
			if b == nil {
				return out{"x"}, nil
			}
			p := event.StructuredLog{Level: event.LevelInfo, Message: "called"}
			_, err := b.Publish(ctx, event.NewSubject(p.Kind(), name), event.New(string(h.ID()), p, host.Correlation(ctx)))
			return out{"x"}, err
		}
		h = tool(name, tell, host.ToolOptions{Effects: effects, Examples: []node.Scenario{example(`{}`, `{"text":"x"}`)}})(b, options)
		return h
	}
}

// goNodes are nodes in Go: the first are good, the others are wrong in one way
// each.
func goNodes() map[string]func(bus.Bus, *host.Options) *host.Host {
	var calls atomic.Int64
	abc := host.ToolOptions{Examples: []node.Scenario{example(`{"text":"abc"}`, `{"text":"ABC"}`)}}
	return map[string]func(bus.Bus, *host.Options) *host.Host{
		"good": tool("good", func(_ context.Context, i in) (out, error) {
			if i.Text == "" {
				return out{}, errEmpty
			}
			return out{strings.ToUpper(i.Text)}, nil
		}, host.ToolOptions{
			Errors:   []node.ToolError{{Code: string(errEmpty.Code)}},
			Examples: append(abc.Examples, node.Scenario{Name: "nothing", Input: json.RawMessage(`{}`), Error: string(errEmpty.Code)}),
		}),
		"good_status": tool("good_status", func(context.Context, in) (warned, error) { return warned{out{"x"}}, nil },
			host.ToolOptions{Examples: []node.Scenario{{Input: json.RawMessage(`{}`), Status: node.Warning}}}),
		"good_large": tool("good_large", func(context.Context, in) (out, error) { return out{strings.Repeat("x", 80<<10)}, nil },
			host.ToolOptions{Examples: []node.Scenario{example(`{}`, fmt.Sprintf(`{"text":%q}`, strings.Repeat("x", 80<<10)))}}),
		"good_volatile": tool("good_volatile", func(context.Context, in) (out, error) { return out{fmt.Sprint(calls.Add(1))}, nil },
			host.ToolOptions{Volatile: []string{"/text"}, Examples: []node.Scenario{example(`{}`, `{"text":"1"}`)}}),
		"good_events": telling("good_events", node.Events),

		"tells": telling("tells"),
		"map_order": tool("map_order", func(context.Context, in) (out, error) {
			return out{strings.Join(slices.Collect(maps.Keys(letters())), "")}, nil
		}, host.ToolOptions{Examples: []node.Scenario{example(`{}`, `{"text":""}`)}}),
		"process": tool("process", func(context.Context, in) (out, error) { return out{fmt.Sprint(os.Getpid())}, nil },
			host.ToolOptions{Examples: []node.Scenario{example(`{}`, `{"text":""}`)}}),
		"remembers": tool("remembers", func(context.Context, in) (out, error) { return out{fmt.Sprint(calls.Add(1))}, nil },
			host.ToolOptions{Examples: []node.Scenario{example(`{}`, `{"text":"1"}`)}}),
		"panics": tool("panics", func(context.Context, in) (out, error) { panic("no") }, abc),
		"uncoded": tool("uncoded", func(context.Context, in) (out, error) { return out{}, errors.New("boom") },
			host.ToolOptions{Examples: []node.Scenario{{Input: json.RawMessage(`{}`), Status: node.Failed}}}),
		"time_zone": tool("time_zone", func(context.Context, in) (out, error) { return out{os.Getenv("TZ")}, nil },
			host.ToolOptions{Examples: []node.Scenario{example(`{}`, `{"text":""}`)}}),
		"correlation": tool("correlation", func(ctx context.Context, _ in) (out, error) {
			return out{host.Correlation(ctx).String()}, nil
		}, host.ToolOptions{Examples: []node.Scenario{example(`{}`, `{"text":""}`)}}),
		"wrong_status": tool("wrong_status", func(context.Context, in) (warned, error) { return warned{out{"ABC"}}, nil }, abc),
		"needs_bus": func(b bus.Bus, o *host.Options) *host.Host {
			return tool("needs_bus", func(context.Context, in) (out, error) { return out{fmt.Sprint(b != nil)}, nil },
				host.ToolOptions{Examples: []node.Scenario{example(`{}`, `{"text":"false"}`)}})(b, o)
		},
	}
}

func letters() map[string]bool {
	m := map[string]bool{}
	for c := 'a'; c <= 'z'; c++ {
		m[string(c)] = true
	}
	return m
}
