package p

type refused string

func (e refused) Error() string { return string(e) }

const (
	errClosed refused = "closed"
	errFull   refused = "full"
)

func closed() error { return refused("closed") }
