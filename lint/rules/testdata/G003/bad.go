package p

func size() int {
	c.mu.Lock()
	defer c.mu.Lock() // want "Unlock is meant"
	return 1
}
