package p

var level Level = 11 // want "11 is Debug"

func f(l Level, n int) bool { return l > 12 && n == 11 } // want "12 is Info"

var size Size = 1024
