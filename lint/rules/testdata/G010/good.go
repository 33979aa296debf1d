package p

import "time"

func pause() {
	time.Sleep(0)
	time.Sleep(1)
	time.Sleep(5 * time.Second)
	time.Sleep(pauseTime)
	time.Sleep(5000)
	other.Sleep(5)
}
