package p

func nan(x float64) bool { return x != x }

func f(p point) bool { return p.x > 0 && p.y > 0 || next() && next() }

func g(a int) int { return a + a*a + 1<<1 - 1 - 1 }
