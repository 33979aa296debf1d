package p

func wait() {
	for {
		select {
		case <-done:
			return
		default:
			work()
		}
	}
	for {
		select {
		case <-done:
			return
		default:
		}
		work()
	}
	for i := 0; i < 3; i++ {
		select {
		case <-done:
		default:
		}
	}
}
