package cli

import (
	"errors"
	"strings"
	"testing"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
)

// TestAMissingFieldIsTaught holds that for every kind that requires fields there is
// an example that can be published; for the few that have forms of their own, as a
// manifest, the page that lists them.
func TestAMissingFieldIsTaught(t *testing.T) {
	taught := 0
	for _, k := range event.Kinds() {
		p := &publication{subject: event.NewSubject(k, "tester")}
		_, err := p.event([]byte("{}"))
		if err == nil {
			continue
		}
		want := "docs/events.md"
		if fields, example, ok := p.example(); ok {
			taught++
			want = strings.Join(fields, ", ") + ": onex bus pub " + string(p.subject) + " --data '" + example + "'"
		}
		var fail *fault.Error
		if !errors.As(p.teach(err), &fail) || !strings.Contains(fail.Hint(), want) {
			t.Errorf("%s: %v, hint %q, want %q", k, err, fail.Hint(), want)
		}
	}
	if taught < 40 {
		t.Errorf("%d kinds have an example", taught)
	}
}

func TestOtherErrorsAreNotTaught(t *testing.T) {
	p := &publication{subject: event.NewSubject(event.KindNodeStart, "tester")}
	if got := p.teach(event.ErrTooLarge); got != error(event.ErrTooLarge) {
		t.Errorf("got %v", got)
	}
}
