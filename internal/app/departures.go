package app

import (
	"strings"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/node"
)

// maxDepartures bounds the departures that the registry has not looked at. Those
// beyond are forgotten: their nodes are missed by their beats.
const maxDepartures = 1 << 14

// Departures are the receivers whose connection to a bus that this process carries
// has ended. The registry knows which of them are nodes.
type departures chan node.ID

func newDepartures() departures { return make(chan node.ID, maxDepartures) }

func (d departures) receiver(id string) {
	select {
	case d <- node.ID(id):
	default:
	}
}

// subject takes departures by the subject that was listened to.
func (d departures) subject(prefix string) func(string) {
	return func(subject string) {
		filter, _ := strings.CutPrefix(subject, prefix+".")
		if r := event.Filter(filter).Receiver(); r != "" {
			d.receiver(r)
		}
	}
}
