package p

import "other"

type box struct{ c Color }

func isRed(c Color, x other.T) bool {
	b := box{c: "blue"}                                        // want "\"blue\" is Blue"
	return c == "red" || b.c == "green" || other.F(x) == "red" // want "\"red\" is Red"
}

func who(n Name, s string) bool { return n == "nobody" || s == "red" }
