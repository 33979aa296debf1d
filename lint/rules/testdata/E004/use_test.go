package p

var _ = ErrNever
