package closedset

type Colour string

const (
	Red  Colour = "red"
	Blue Colour = "blue"
)

// Only has one constant: it is a name for a value, not a set.
type Only string

const One Only = "one"

const plain string = "plain"

// keyword is how one file spells things; it is no set of the API.
type keyword string

const (
	while keyword = "while"
	until keyword = "until"
)

func compare(c Colour, s string) bool {
	switch s {
	case "blue": // want `"blue" is Blue`
		return true
	case "one", "plain", "green", "while":
		return false
	}
	if c != "red" { // want `"red" is Red`
		return true
	}
	print("red") // text for people
	return c == Red
}
