package p

func f(p point) bool { return p.x > 0 && p.x > 0 } // want "both sides of &&"

func g(a, b int) int { return (a - a) * b } // want "both sides of -"
