package nosleep

import "time"

// Code that is no test may have reasons of its own.
func pause() { time.Sleep(time.Second) }
