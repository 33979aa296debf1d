package nomagic

import "time"

const (
	maxItems = 4711
	patience = 5 * time.Second
)

func bounds(n int, f flags) bool {
	const local = 7777
	if n > 4711 { // want `the number 4711 has no name`
		return false
	}
	if 37 <= n { // want `the number 37 has no name`
		return false
	}
	time.Sleep(5 * time.Second)     // want `the number 5 has no name`
	time.Sleep(time.Minute * 30)    // want `the number 30 has no name`
	time.Sleep(1 * time.Second)     // one unit is its own name
	time.Sleep(24 * time.Hour)      // a day
	f.Duration("wait", 5*time.Hour) // named by the flag
	return n < maxItems && n > 3 && n < 1024 && n != 0x1234 && n < local
}

type flags struct{}

func (flags) Duration(string, time.Duration) {}
