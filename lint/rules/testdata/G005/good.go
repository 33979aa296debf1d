package p

func next() int {
	if read() {
		return -1
	} else if read() {
		return 1
	}
	if x := a(); x > 0 {
		return 1
	} else if x := b(); x > 0 {
		return 2
	}
	return 0
}
