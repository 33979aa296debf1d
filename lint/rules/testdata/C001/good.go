package p

type t struct{}

func (t) init() {}

func Init() {}
