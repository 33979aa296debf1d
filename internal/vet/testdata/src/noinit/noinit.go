package noinit

type t struct{}

func (t) init() {} // a method of that name is not run by anybody

func init() {} // want `init function`

func Init() {}
