package p

func size() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.mu.Unlock()
	defer c.mu.Lock()
	return 1
}
