package p

import (
	"fmt"
	"strings"
)

func check(n int, s string) error {
	if n < 0 {
		fmt.Errorf("negative: %d", n) // want "nobody takes"
	}
	strings.TrimSpace(s) // want "nobody takes"
	return nil
}
