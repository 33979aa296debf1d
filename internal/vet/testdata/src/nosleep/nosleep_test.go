package nosleep

import (
	"context"
	"testing"
	"testing/synctest"
	clock "time"
)

var table = []func(){
	func() { clock.Sleep(1) }, // want `time.Sleep in a test`
}

func TestWaits(t *testing.T) {
	clock.Sleep(clock.Second)   // want `time.Sleep in a test`
	<-clock.After(clock.Second) // want `<-time.After in a test`
	for done := make(chan int); ; {
		select {
		case <-done:
		case <-clock.After(5 * clock.Millisecond): // want `polling by time.After in a test`
		}
	}
}

func TestBound(t *testing.T) {
	done := make(chan int)
	select {
	case <-done:
	case <-clock.After(30 * clock.Second):
		t.Fatal("not in time")
	}
	ctx, cancel := context.WithTimeout(t.Context(), clock.Millisecond)
	defer cancel()
	<-ctx.Done()
}

func TestInABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock.Sleep(clock.Hour)
		<-clock.After(clock.Hour)
	})
	pause()
}
