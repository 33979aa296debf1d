package main

import (
	"encoding/json"
	"testing"

	"github.com/omninode-ai/onex/internal/schema"
)

func TestCounter(t *testing.T) {
	h := newCounter(nil)
	if err := schema.CheckContract(h.Contract()); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{`{"total":2}`, `{"total":4}`} {
		if o := h.Call(t.Context(), "count", json.RawMessage(`{"by":2}`)); string(o.Result) != want {
			t.Errorf("call %d: %s %+v, want %s", i, o.Result, o.Error, want)
		}
	}
	if o := h.Call(t.Context(), "count", json.RawMessage(`{"by":-1}`)); o.Error == nil || o.Error.Code != errBackwards.Code {
		t.Errorf("backwards: %+v", o)
	}
}
