package p

func width(wide bool) int {
	if wide { // want "do the same"
		return 80
	} else {
		return 80
	}
}
