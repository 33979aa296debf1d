package p

func wait() {
	for {
		select {
		case <-done:
			return
		default: // want "without waiting"
		}
	}
}
