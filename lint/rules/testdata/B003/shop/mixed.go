package shop

import "testing" // want "testing is for tests"

func Sell(n int) int { return n }

func Fill(t *testing.T) {}
