package p

func open() {
	if err := try(); err != nil {
		// it is tried again below
	}
	if err != nil {
	} else {
		use()
	}
	if x != nil {
	}
}
