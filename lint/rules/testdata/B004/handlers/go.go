package handlers

type Handler interface{ Stamp() }

type md struct{}

func (md) Stamp() {} // want "method Stamp"
