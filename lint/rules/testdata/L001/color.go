package p

type Color string

const (
	Red  Color = "red"
	Blue Color = "blue"
)

type Name string

const Nobody Name = "nobody"
