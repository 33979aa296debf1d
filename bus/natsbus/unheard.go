package natsbus

import (
	"strings"

	"github.com/nats-io/nats.go"

	"github.com/omninode-ai/onex/event"
)

// noResponders is the status of the server's answer to a message that asks for
// one and that nobody is subscribed to.
const noResponders = "503"

// listenForSilence subscribes to the server's word that nobody listens. The first
// ephemeral event on each subject asks for it, the others cost nothing.
func (b *Bus) listenForSilence() error {
	b.silence = nats.NewInbox()
	_, err := b.nc.Subscribe(b.silence+".>", func(m *nats.Msg) {
		if m.Header.Get("Status") == noResponders {
			b.meter.Unheard(event.Subject(strings.TrimPrefix(m.Subject, b.silence+".")))
		}
	})
	return coded(err, "listening")
}

// publishCore publishes an ephemeral event.
func (b *Bus) publishCore(to *target, wire []byte) error {
	if to.Subject.Receiver() != "" || to.asked.Swap(true) {
		return b.nc.Publish(to.wire, wire)
	}
	return b.nc.PublishRequest(to.wire, b.silence+"."+string(to.Subject), wire)
}
