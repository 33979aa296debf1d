package p

func open() {
	if err := try(); /* want "passed over" */ err != nil {
	}
}
