package p

type Level int

const (
	Trace Level = iota + 10
	Debug
	Info
)

type Size int

const (
	KB Size = 1 << 10
	MB Size = 1 << 20
)
