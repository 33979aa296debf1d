package zmtp_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/omninode-ai/onex/internal/soon"
	"github.com/omninode-ai/onex/internal/zmtp"
)

func TestRequestAndReply(t *testing.T) {
	for _, pair := range [][2]zmtp.Type{{zmtp.REQ, zmtp.REP}, {zmtp.REQ, zmtp.ROUTER}, {zmtp.DEALER, zmtp.REP}} {
		t.Run(fmt.Sprint(pair), func(t *testing.T) {
			asker, answerer := open(t, pair[0], nil), open(t, pair[1], nil)
			connect(t, asker, bind(t, answerer, "tcp://127.0.0.1:0"))
			for i := range 3 {
				question, want := []string{"question", fmt.Sprint(i)}, fmt.Sprintf("answer|%d", i)
				if pair[0] == zmtp.DEALER {
					question, want = append([]string{""}, question...), "|"+want
				}
				send(t, asker, question...)
				m, err := answerer.Receive(testContext(t))
				if err != nil {
					t.Fatal(err)
				}
				m[len(m)-2] = []byte("answer") // ROUTER keeps identity and empty frame in front
				if err := answerer.Send(t.Context(), m); err != nil {
					t.Fatal(err)
				}
				if got := receive(t, asker); got != want {
					t.Errorf("answer %q, want %q", got, want)
				}
			}
		})
	}
}

func TestRouterKnowsIdentities(t *testing.T) {
	router := open(t, zmtp.ROUTER, nil)
	where := bind(t, router, "tcp://127.0.0.1:0")
	a, b := open(t, zmtp.DEALER, &zmtp.Options{Identity: "a"}), open(t, zmtp.DEALER, &zmtp.Options{Identity: "b"})
	for id, d := range map[string]*zmtp.Socket{"a": a, "b": b} {
		connect(t, d, where)
		send(t, d, "hello")
		if got := receive(t, router); got != id+"|hello" {
			t.Errorf("received %q", got)
		}
	}
	send(t, router, "b", "for b")
	if got := receive(t, b); got != "for b" {
		t.Errorf("b received %q", got)
	}
	if err := router.Send(t.Context(), message("c", "x")); !errors.Is(err, zmtp.ErrUnroutable) {
		t.Errorf("to nobody: %v", err)
	}
	if err := router.Send(t.Context(), message("a")); !errors.Is(err, zmtp.ErrUsage) {
		t.Errorf("without a message: %v", err)
	}
	twin := open(t, zmtp.DEALER, &zmtp.Options{Identity: "a"})
	connect(t, twin, where)
	send(t, twin, "hello")
	if got := receive(t, router); got[0] != 0 {
		t.Errorf("the twin is called %q", got)
	}
}

func TestDealerTakesTurnsAndWaits(t *testing.T) {
	dealer := open(t, zmtp.DEALER, nil)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := dealer.Send(ctx, message("x")); !errors.Is(err, zmtp.ErrFull) {
		t.Errorf("without a peer: %v", err)
	}
	sent := make(chan error)
	go func() { sent <- dealer.Send(context.Background(), message("first")) }()
	a, b := open(t, zmtp.DEALER, nil), open(t, zmtp.DEALER, nil)
	connect(t, dealer, bind(t, a, "tcp://127.0.0.1:0"))
	if got := receive(t, a); got != "first" || <-sent != nil {
		t.Errorf("received %q", got)
	}
	connect(t, dealer, bind(t, b, "tcp://127.0.0.1:0"))
	soon.True(t, "peers", func() bool { return dealer.Peers() == 2 })
	send(t, dealer, "x")
	send(t, dealer, "y")
	if got := receive(t, a) + receive(t, b); got != "xy" && got != "yx" {
		t.Errorf("received %q", got)
	}
}

func TestReplyNeedsARequest(t *testing.T) {
	asker, rep := open(t, zmtp.REQ, nil), open(t, zmtp.REP, nil)
	if err := rep.Send(t.Context(), message("x")); !errors.Is(err, zmtp.ErrUsage) {
		t.Errorf("without a request: %v", err)
	}
	connect(t, asker, bind(t, rep, "tcp://127.0.0.1:0"))
	send(t, asker, "q")
	receive(t, rep)
	if err := asker.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	soon.True(t, "departure", func() bool { return rep.Peers() == 0 })
	if err := rep.Send(t.Context(), message("x")); !errors.Is(err, zmtp.ErrUnroutable) {
		t.Errorf("to an asker that is gone: %v", err)
	}
}
