package telemetry

import (
	"encoding"
	"encoding/json"
	"log/slog"
	"reflect"

	"github.com/omninode-ai/onex/event"
)

// redacted returns what may be seen of an attribute of a line.
func redacted(_ []string, a slog.Attr) slog.Attr {
	switch a.Value.Kind() {
	case slog.KindString:
		a.Value = slog.StringValue(event.CleanField(a.Key, a.Value.String()))
	case slog.KindAny:
		a.Value = cleanAny(a.Key, a.Value)
	}
	return a
}

// cleanAny is redacted for values that are neither texts nor numbers: errors,
// and whatever has a form in JSON.
func cleanAny(name string, v slog.Value) slog.Value {
	switch x := v.Any().(type) {
	case nil, slog.Level, *slog.Source:
		return v
	case error:
		return slog.StringValue(event.CleanField(name, x.Error()))
	case encoding.TextMarshaler:
		text, err := x.MarshalText()
		if err != nil {
			return slog.StringValue(err.Error())
		}
		return slog.StringValue(event.CleanField(name, string(text)))
	case []byte:
		return slog.StringValue(event.CleanField(name, string(x)))
	default:
		if text := reflect.ValueOf(x); text.Kind() == reflect.String {
			return slog.StringValue(event.CleanField(name, text.String()))
		}
		raw, err := json.Marshal(x)
		if err != nil {
			return slog.StringValue(event.CleanField(name, v.String()))
		}
		return slog.StringValue(event.CleanField(name, string(raw)))
	}
}

// attributesOnly is redacted without what an event has a field of its own for.
func attributesOnly(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 {
		switch a.Key {
		case slog.TimeKey, slog.LevelKey, slog.MessageKey:
			return slog.Attr{}
		}
	}
	return redacted(groups, a)
}
