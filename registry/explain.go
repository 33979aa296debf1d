package registry

import (
	"fmt"
	"strings"
	"time"

	"github.com/omninode-ai/onex/event"
)

// Explain tells people why the registry believes what it says of a node: a line
// about now, and one for each change that e's history holds (ask for details).
func Explain(e event.NodeEntry) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s@%s (%s, incarnation %d) is %s since %s: %s\n",
		e.Name, e.Version, e.NodeID, e.Incarnation, e.Status, e.Since.Format(time.RFC3339), e.Reason)
	for _, c := range e.History {
		from := string(c.From)
		if from == "" {
			from = "unknown"
		}
		fmt.Fprintf(&b, "  %s  %s -> %s: %s\n", c.Time.Format(time.RFC3339Nano), from, c.To, c.Reason)
	}
	return b.String()
}
