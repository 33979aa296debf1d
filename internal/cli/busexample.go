package cli

import (
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
)

// maxExampleSteps bounds the search for an example: no type requires more than
// a dozen fields, each has at most as many attempts as there are samples.
const maxExampleSteps = 300

// samples are values of the forms that fields have, tried in this order.
var samples = [...]string{
	`"text"`, `{}`, `[]`, `1`, `"name"`, `"2026-01-31T12:00:00Z"`, `"0197a3c0-5f00-7abc-8def-001122334455"`,
	`"1.0.0"`, `"info"`, `"success"`, `"failure"`, `"cli"`, `"http"`, `8080`,
}

// payloadField finds the field of the payload that an error of the decoder names.
var payloadField = regexp.MustCompile(`/metadata/([a-z0-9_]+(?:/[a-z0-9_]+)*)`)

// teach adds to an error of a payload which fields its type requires, and an
// example that can be published. It finds both by asking the decoder, so that
// they are true of every type.
func (p *publication) teach(err error) error {
	var fail *fault.Error
	if !errors.Is(err, event.ErrMissing) || !errors.As(err, &fail) {
		return err
	}
	fields, example, ok := p.example()
	if !ok {
		return fail.Hinted("docs/events.md lists the fields of %s", p.subject.Kind())
	}
	return fail.Hinted("%s requires %s: onex bus pub %s --data '%s'", p.subject.Kind(), strings.Join(fields, ", "), p.subject, example)
}

// example returns the fields that the type requires, as the decoder asks for
// them, and a payload that it takes.
func (p *publication) example() (fields []string, example string, ok bool) {
	whole := map[string]any{}
	at, next := "", 0 // the field that is being tried, and its next sample
	for range maxExampleSteps {
		text, err := json.Marshal(whole)
		if err != nil {
			return nil, "", false
		}
		if _, err = p.event(text); err == nil {
			return fields, string(text), true
		}
		found := payloadField.FindStringSubmatch(err.Error())
		if found == nil {
			return nil, "", false
		}
		if field := found[1]; field != at {
			at, next = field, 0
			if top, _, _ := strings.Cut(field, "/"); !slices.Contains(fields, top) {
				fields = append(fields, top)
			}
		}
		if next == len(samples) || !put(whole, strings.Split(at, "/"), json.RawMessage(samples[next])) {
			return nil, "", false
		}
		next++
	}
	return nil, "", false
}

// put sets the field at a path, making the objects that it is in. It reports false
// when there is something else than an object on the way.
func put(whole map[string]any, path []string, value json.RawMessage) bool {
	for _, key := range path[:len(path)-1] {
		inner, ok := whole[key].(map[string]any)
		if !ok {
			if has, is := whole[key].(json.RawMessage); is && string(has) != "{}" {
				return false
			}
			inner = map[string]any{}
			whole[key] = inner
		}
		whole = inner
	}
	whole[path[len(path)-1]] = value
	return true
}
