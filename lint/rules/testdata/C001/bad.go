package p

func init() {} // want "init function"
