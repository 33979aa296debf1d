package p

func width(wide bool) int {
	if wide {
		return 120
	} else {
		return 80
	}
	if wide {
	} else {
	}
}
