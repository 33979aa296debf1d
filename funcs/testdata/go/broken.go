package p

func a() {}
func b( {}
func c() {}
