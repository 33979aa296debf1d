package p

func sign(x int) int {
	if x < 0 {
		return -1
	} else if x == 0 {
		return 0
	} else if x < 0 { // want "asked before"
		return 1
	}
	return 0
}
