package plugin

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/omninode-ai/onex/stamp"
)

// maxTypes is how many lines of a handler are read, to say how many they are.
const maxTypes = 10

// FileTypes asks the handlers of the registry for the file types that they
// describe. One that is not trusted is left out, and so are its files: stamping
// does nothing for a file of no type. One that fails is an error.
func FileTypes(ctx context.Context, r *Registry) ([]stamp.Plugin, error) {
	var types []stamp.Plugin
	for _, p := range r.Active(Handler) {
		t, err := fileType(ctx, &p)
		if err != nil {
			return nil, err
		}
		types = append(types, t)
	}
	return types, nil
}

func fileType(ctx context.Context, p *Plugin) (stamp.Plugin, error) {
	var found []stamp.Plugin
	ask, err := lines(request{Request: "describe", Protocol: Protocol})
	if err != nil {
		return stamp.Plugin{}, err
	}
	err = p.Exchange(ctx, ask, Limits{Time: describeTime, Lines: maxTypes + 1}, func(line []byte) error {
		name, text, err := handlerLine(line)
		if err != nil {
			return err
		}
		t, err := stamp.ParsePlugin(p.ID(), name, text)
		found = append(found, t)
		return err
	})
	if err == nil && len(found) != 1 {
		err = ErrFailed.With("%s describes %d file types, want one", p.ID(), len(found))
	}
	if err != nil {
		return stamp.Plugin{}, err
	}
	return found[0], nil
}

// handlerLine takes type and name from a line; the rest is as in onex.yaml.
func handlerLine(line []byte) (name string, rest []byte, err error) {
	var fields map[string]json.RawMessage
	if err := json.NewDecoder(bytes.NewReader(line)).Decode(&fields); err != nil {
		return "", nil, err
	}
	var kind string
	if err := errors.Join(json.Unmarshal(orNull(fields["type"]), &kind), json.Unmarshal(orNull(fields["name"]), &name)); err != nil {
		return "", nil, err
	}
	if kind != string(Handler) || !nameForm.MatchString(name) {
		return "", nil, fmt.Errorf("want type handler and a name in lower case, got %q and %q", kind, name)
	}
	delete(fields, "type")
	delete(fields, "name")
	rest, err = json.Marshal(fields)
	return name, rest, err
}

func orNull(raw json.RawMessage) json.RawMessage {
	if raw == nil {
		return json.RawMessage("null")
	}
	return raw
}
