package p

import "time"

func pause() {
	time.Sleep(5)     // want "5 nanoseconds"
	<-time.After(100) // want "100 nanoseconds"
}
