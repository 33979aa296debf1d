package p

func f() error { return ErrGone }
