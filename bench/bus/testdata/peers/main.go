// Command peers measures two event buses of others, which the module of onex does
// not depend on: one publisher, one subscriber, 300 bytes.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"time"

	"github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/pubsub/gochannel"
	"github.com/asaskevich/EventBus"
)

func main() {
	what := flag.String("what", "eventbus", "eventbus or watermill")
	count := flag.Int("count", 200_000, "events")
	flag.Parse()
	payload := make([]byte, 300)
	began := time.Now()
	switch *what {
	case "eventbus":
		got := 0
		b := EventBus.New()
		if err := b.Subscribe("topic", func(p []byte) { got++ }); err != nil {
			log.Fatal(err)
		}
		for range *count {
			b.Publish("topic", payload)
		}
	case "watermill":
		ps := gochannel.NewGoChannel(gochannel.Config{BlockPublishUntilSubscriberAck: true}, watermill.NewStdLoggerWithOut(io.Discard, false, false))
		messages, err := ps.Subscribe(context.Background(), "topic")
		if err != nil {
			log.Fatal(err)
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			for range *count {
				(<-messages).Ack()
			}
		}()
		for range *count {
			if err := ps.Publish("topic", message.NewMessage("id", payload)); err != nil {
				log.Fatal(err)
			}
		}
		<-done
	}
	fmt.Println(float64(*count) / time.Since(began).Seconds())
}
