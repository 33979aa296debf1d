package trace_test

import (
	"context"
	"errors"
	"testing"

	"github.com/omninode-ai/onex/trace"
)

const parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

// TestParse holds the rules of W3C Trace Context, level 1, §3.2.
func TestParse(t *testing.T) {
	for _, tt := range []struct {
		in string
		ok bool
	}{
		{parent, true},
		{"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00", true},
		{"01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", true},
		{"01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what-the-future-will-be-like", true},
		{"", false},
		{"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more", false},
		{"01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01.more", false},
		{"ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", false},
		{"00-00000000000000000000000000000000-b7ad6b7169203331-01", false},
		{"00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01", false},
		{"00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01", false},
		{"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0x", false},
		{"00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", false},
		{"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1", false},
	} {
		c, ok := trace.Parse(tt.in)
		if ok != tt.ok {
			t.Errorf("Parse(%q) = %v, %t", tt.in, c, ok)
		}
		if ok && tt.in[:2] == "00" && c.String() != tt.in {
			t.Errorf("Parse(%q).String() = %q", tt.in, c)
		}
	}
	if s := (trace.Context{}).String(); s != "" {
		t.Errorf("no context is %q", s)
	}
}

// FuzzParse holds that what was read is written alike.
func FuzzParse(f *testing.F) {
	f.Add(parent)
	f.Add("01" + parent[2:] + "-x")
	f.Fuzz(func(t *testing.T, s string) {
		c, ok := trace.Parse(s)
		if ok != c.Valid() && ok {
			t.Errorf("%q is read as %v", s, c)
		}
		if again, same := trace.Parse(c.String()); ok && (!same || again != c) {
			t.Errorf("%q becomes %v, then %v", s, c, again)
		}
	})
}

// kept is a recorder that remembers.
type kept struct {
	want         bool
	began, ended []trace.Span
}

func (k *kept) Sample(p trace.Context, _ trace.ID) bool { return k.want || p.Sampled }
func (k *kept) Began(s trace.Span)                      { k.began = append(k.began, s) }
func (k *kept) Ended(s trace.Span)                      { k.ended = append(k.ended, s) }

// TestSpans holds how spans hang together.
func TestSpans(t *testing.T) {
	one, two := &kept{want: true}, &kept{}
	id := trace.ID{1, 2, 3}
	ctx, outer := trace.Begin(t.Context(), trace.Tee{two, one}, trace.Span{Operation: "invoke", Function: "greet", Correlation: id})
	inner, span := trace.Begin(ctx, trace.Tee{two, one}, trace.Span{Operation: "tool", Kind: trace.Server})
	span.Status("error")
	span.End(errors.New("no"))
	outer.End(nil)
	if len(two.began) != 2 || len(one.ended) != 2 {
		t.Fatalf("%d spans began and %d ended", len(two.began), len(one.ended))
	}
	child, root := one.ended[0], one.ended[1]
	if root.Trace != id || child.Trace != id || child.Parent != root.Span || root.Parent != (trace.SpanID{}) {
		t.Errorf("child %+v below %+v", child, root)
	}
	if !root.Sampled || !child.Sampled || trace.FromContext(inner) != child.Context {
		t.Errorf("the context of the child is %v", trace.FromContext(inner))
	}
	if root.Error != nil || child.Error == nil || child.Error.Message != "no" || child.Status != "error" {
		t.Errorf("errors %v and %v", root.Error, child.Error)
	}
	if root.Name() != "invoke greet" || child.Name() != "tool" || child.Ended.Before(child.Began) {
		t.Errorf("names %q and %q", root.Name(), child.Name())
	}
}

// TestWithoutARecorder holds that what came in is handed on.
func TestWithoutARecorder(t *testing.T) {
	in := trace.Below(t.Context(), parent)
	ctx, span := trace.Begin(in, nil, trace.Span{Operation: "tool"})
	span.Status("success")
	span.End(nil)
	span.Fail(nil)
	if got := trace.FromContext(ctx).String(); got != parent {
		t.Errorf("the context became %q", got)
	}
	if c := trace.FromContext(trace.Below(context.Background(), "nonsense")); c.Valid() {
		t.Errorf("nonsense became %v", c)
	}
	k := &kept{}
	_, span = trace.Begin(in, k, trace.Span{})
	span.End(nil)
	if s := k.ended[0]; !s.Sampled || s.Parent.String() != "b7ad6b7169203331" || s.Trace.String() != "0af7651916cd43dd8448eb211c80319c" {
		t.Errorf("the span below %s is %+v", parent, s)
	}
}
